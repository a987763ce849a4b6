import { createServer, type Server, type Socket } from "node:net";

export type RawRequest = { line: string; path: string; headers: Record<string, string> };
export type RawReply = (socket: Socket, request: RawRequest) => void | Promise<void>;

export type RawServer = AsyncDisposable & {
  port: number;
  origin: string;
  requests: RawRequest[];
  connections: () => number;
  bytes: () => number;
};

/** A server that writes exactly what a test tells it to, byte by byte, and remembers what it was asked. */
export async function startRawServer(reply: RawReply, host = "127.0.0.1", atPort = 0): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let bytes = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    let text = "";
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      text += chunk.toString("latin1");
      for (let end = text.indexOf("\r\n\r\n"); end !== -1; end = text.indexOf("\r\n\r\n")) {
        const request = parse(text.slice(0, end));
        text = text.slice(end + 4);
        requests.push(request);
        void reply(socket, request);
      }
    });
  });
  await listen(server, host, atPort);
  const port = (server.address() as { port: number }).port;
  const origin = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, origin, requests, connections: () => connections, bytes: () => bytes, [Symbol.asyncDispose]: close };
}

/** A complete answer of one write. */
export function answer(status: string, headers: Record<string, string | string[]>, body: Buffer | string = ""): Buffer {
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
  return Buffer.concat([
    Buffer.from([`HTTP/1.1 ${status}`, ...lines, "", ""].join("\r\n"), "latin1"),
    Buffer.from(body),
  ]);
}

/** 200 with a length, and whatever else. */
export function ok(body: Buffer | string, headers: Record<string, string | string[]> = {}): Buffer {
  return answer("200 OK", { "content-length": String(Buffer.byteLength(body)), ...headers }, body);
}

function parse(text: string): RawRequest {
  const [line = "", ...rest] = text.split("\r\n");
  const headers = Object.fromEntries(
    rest.map((each) => [each.slice(0, each.indexOf(":")).toLowerCase(), each.slice(each.indexOf(":") + 2)]),
  );
  return { line, path: line.split(" ")[1] ?? "", headers };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}
