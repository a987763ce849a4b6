import { createServer, type AddressInfo } from "node:net";

export type Sentinel = { port: number; connections(): number; close(): Promise<void> };

/** A port where nobody may ever knock; it counts who does. */
export async function startSentinel(host = "127.0.0.1"): Promise<Sentinel> {
  let count = 0;
  const server = createServer((socket) => {
    count++;
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
