import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export type LoopbackServer = {
  port: number;
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Handles requests from now on; a handler that throws closes the connection. */
  serve(handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>): void;
  /** TCP connections accepted so far. */
  connections(): number;
  /** Ends all open connections at once. */
  close(): Promise<void>;
};

/** An HTTP server on 127.0.0.1; port 0 takes a free one. It closes no idle connection. */
export async function listenOnLoopback(port: number): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  server.on("connection", (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const actual = (server.address() as AddressInfo).port;
  return {
    port: actual,
    url: `http://127.0.0.1:${actual}`,
    serve(handle) {
      server.on("request", (request, response) => {
        handle(request, response).catch(() => request.socket.destroy());
      });
    },
    connections: () => accepted,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
