import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { isIP } from "node:net";
import type { SecureContextOptions } from "node:tls";
import { Agent, buildConnector, errors } from "undici";
import { connectFirst } from "./connect-first.ts";
import { AddressRefused, addressProblem, literalHostProblem } from "./public-address.ts";
import { skipContinue } from "./skip-continue.ts";

type Resolved = (error: Error | null, addresses: LookupAddress[]) => void;
type Found = (error: Error | null, addresses: readonly LookupAddress[]) => void;

export type GuardOptions = {
  /** Whether this host and port may have a private address; all others must be public. `host` has no brackets. */
  mayBePrivate: (host: string, port: number) => boolean;
  /** For a connection in all, whatever the number of addresses; 10 s by default. */
  connectTimeoutMs?: number | undefined;
  /** Connections to one origin at once; no limit by default. */
  connections?: number;
  /** Extra certificate authorities, PEM; the system's are used without it. */
  ca?: SecureContextOptions["ca"];
  /** Resolves a name to all its addresses; the system's resolver by default. */
  resolve?: (host: string, done: Resolved) => void;
  /** What is wrong with an address, null when nothing is. */
  problemOf?: (address: string) => string | null;
};

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * The one way in which this program speaks HTTP, to the API and to the hosts of files: an undici Agent that connects to
 * public addresses only, unless `mayBePrivate` says otherwise. Each connection is checked three times: the host when it
 * is an IP literal, every address that the look-up returns (one forbidden address refuses the connection, so that nothing
 * is picked from a mixed list), and the peer address of the socket before a byte is written. Proxy variables of the
 * environment have no effect. The caller closes it. Fails with AddressRefused.
 */
export function guardedAgent(options: GuardOptions): Agent {
  const { ca, connections, connectTimeoutMs = CONNECT_TIMEOUT_MS, problemOf = addressProblem } = options;
  const startTls = buildConnector({ allowH2: false, timeout: connectTimeoutMs, ...(ca === undefined ? {} : { ca }) });
  return new Agent({
    ...(connections === undefined ? {} : { connections }),
    keepAliveTimeout: 10_000,
    connect(target, done) {
      const host = target.hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
      const port = Number(target.port || (target.protocol === "https:" ? 443 : 80));
      const isOpen = options.mayBePrivate(host, port);
      const judge = isOpen ? () => null : problemOf;
      const problem = isOpen ? null : literalHostProblem(host, problemOf);
      if (problem !== null) return done(new AddressRefused(problem), null);
      findAddresses(host, { resolve: options.resolve, judge, timeoutMs: connectTimeoutMs }, (error, addresses) => {
        if (error !== null) return done(error, null);
        connectFirst(addresses, port, connectTimeoutMs, (failure, socket) => {
          if (failure !== null || socket === null) return done(failure ?? new Error("no socket"), null);
          const peer = judge(socket.remoteAddress ?? "");
          if (peer !== null) {
            socket.destroy();
            return done(new AddressRefused(peer), null);
          }
          if (target.protocol !== "https:") return done(null, skipContinue(socket));
          startTls({ ...target, httpSocket: socket }, (broken, secure) =>
            broken === null ? done(null, skipContinue(secure)) : done(broken, null),
          );
        });
      });
    },
  });
}

type Search = {
  resolve: GuardOptions["resolve"];
  judge: (address: string) => string | null;
  timeoutMs: number;
};

/** All addresses of a host, once each of them has been judged. */
function findAddresses(host: string, { resolve = resolveBySystem, judge, timeoutMs }: Search, done: Found): void {
  const family = isIP(host);
  if (family !== 0) return done(null, [{ address: host, family }]);
  let isOver = false;
  const end: Found = (error, addresses) => {
    clearTimeout(timer);
    if (!isOver) done(error, addresses);
    isOver = true;
  };
  const timer = setTimeout(() => {
    end(new errors.ConnectTimeoutError(`its name was not looked up within ${timeoutMs / 1000} s`), []);
  }, timeoutMs);
  resolve(host, (error, addresses) => {
    if (error !== null) return end(error, []);
    const problem = addresses.map(({ address }) => judge(address)).find((found) => found !== null);
    if (problem !== undefined) return end(new AddressRefused(`${problem}, which is where ${host} points`), []);
    end(addresses.length === 0 ? notFound(host) : null, addresses);
  });
}

function resolveBySystem(host: string, done: Resolved): void {
  systemLookup(host, { all: true }, done);
}

function notFound(host: string): Error {
  return Object.assign(new Error(`no address found for ${host}`), { code: "ENOTFOUND" });
}
