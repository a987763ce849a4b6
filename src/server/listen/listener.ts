import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { DiskError, UsageError } from "../../lib/errors.ts";
import { listenText, type ListenAddress } from "../../settings.ts";
import { SECURITY_HEADERS } from "../guard/security-headers.ts";

/** A server that listens. */
export type Listener = {
  /** `http://127.0.0.1:6464`: an address by which this machine reaches it. */
  url: string;
  /** Where it listens, with the port that it got. */
  address: ListenAddress;
  /** Refuses new connections at once and ends open ones after `patienceMs`. */
  close(patienceMs?: number): Promise<void>;
};

const MAX_HEADER_BYTES = 8192;
const HEADERS_MS = 5000;
/** A whole request, with its body; an answer may take longer. */
const REQUEST_MS = 15_000;
const KEEP_ALIVE_MS = 10_000;
const MAX_CONNECTIONS = 2000;
const PATIENCE_MS = 2000;

/**
 * Starts an HTTP server with bounds on header size, slow senders and connections. Throws UsageError when the address is
 * in use, is not one of this machine, or needs rights that the process lacks.
 */
export async function listen(address: ListenAddress, onRequest: RequestListener, setting: string): Promise<Listener> {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 1000,
      requireHostHeader: false,
    },
    onRequest,
  );
  server.maxConnections = MAX_CONNECTIONS;
  // Node would answer these two itself, without the headers that every answer carries.
  server.on("checkExpectation", onRequest);
  server.on("clientError", refuseUnreadable);
  await begin(server, address, setting);
  const { port } = server.address() as AddressInfo;
  const bound = { host: address.host, port };
  return { url: `http://${listenText(reachable(bound))}`, address: bound, close: (ms) => end(server, ms) };
}

function begin(server: Server, address: ListenAddress, setting: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, address, setting)));
    server.listen({ ...address, exclusive: true }, resolve);
  });
}

const REASONS: Record<string, string> = {
  EADDRINUSE: "another program listens there",
  EADDRNOTAVAIL: "this machine has no such address",
  EACCES: "this user may not listen there",
  ENOTFOUND: "no such host",
};

function cannotListen(error: NodeJS.ErrnoException, address: ListenAddress, setting: string): Error {
  const reason = REASONS[error.code ?? ""];
  if (reason === undefined) return new DiskError(`cannot listen on ${listenText(address)}: ${error.message}`);
  return new UsageError(`${setting} is ${listenText(address)}: ${reason}`, {
    code: "cannot_listen",
    hint: `name another with ${setting}; port 0 takes any free one`,
  });
}

/** What cannot be read as a request. Bytes that follow an answer on the same connection would be taken for a part of it. */
function refuseUnreadable({ code }: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || (socket as Socket).bytesWritten > 0) return void socket.destroy();
  const headers = Object.entries({ ...SECURITY_HEADERS, "Content-Length": "0", Connection: "close" });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${UNREADABLE[code ?? ""] ?? "400 Bad Request"}\r\n${lines}\r\n`);
}

const UNREADABLE: Record<string, string> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "413 Payload Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/** A server on all addresses is reached by the loopback one. */
function reachable({ host, port }: ListenAddress): ListenAddress {
  if (host === "0.0.0.0") return { host: "127.0.0.1", port };
  return host === "::" ? { host: "::1", port } : { host, port };
}

async function end(server: Server, patienceMs = PATIENCE_MS): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearTimeout(timer);
}
