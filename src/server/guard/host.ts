import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { ListenAddress } from "../../settings.ts";

export type HostRule = {
  /** Where the server listens. */
  address: ListenAddress;
  /** `host` (with any port) or `host:port`, lower case. */
  allowed: string[];
};

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Whether a request names this server: by the address that it listens on or was reached by, by a loopback name, or by an
 * allowed one. A page of somebody else can point a name of its own to this machine (DNS rebinding); it cannot change what
 * the browser then sends as Host.
 */
export function isOwnHost(request: IncomingMessage, { address, allowed }: HostRule): boolean {
  const names = hostHeaders(request);
  const [name = ""] = names;
  if (names.length !== 1 || !/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/.test(name)) return false;
  const [, host = "", port = "80"] = /^(.*?)(?::(\d+))?$/.exec(name) ?? [];
  if (allowed.includes(host) || allowed.includes(name)) return true;
  if (Number(port) !== address.port) return false;
  return [...LOOPBACK, bracketed(address.host), bracketed(request.socket.localAddress ?? "")].includes(host);
}

function hostHeaders({ rawHeaders }: IncomingMessage): string[] {
  const found: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.toLowerCase() === "host") found.push(rawHeaders[at + 1]?.toLowerCase() ?? "");
  return found;
}

function bracketed(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
  return isIP(plain) === 6 ? `[${plain}]` : plain;
}

/** Whether only this machine reaches an address. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
