import { lookup as systemLookup, type LookupAddress } from "node:dns";
import type { LookupFunction, Socket } from "node:net";
import type { SecureContextOptions } from "node:tls";
import { Agent, buildConnector } from "undici";
import { AddressRefused, addressProblem, literalHostProblem } from "./public-address.ts";

type Resolved = (error: Error | null, addresses: LookupAddress[]) => void;

export type GuardOptions = {
  /** Whether this host and port may have a private address; all others must be public. `host` has no brackets. */
  mayBePrivate: (host: string, port: number) => boolean;
  connectTimeoutMs: number;
  /** Extra certificate authorities, PEM; the system's are used without it. */
  ca?: SecureContextOptions["ca"];
  /** Resolves a name to all its addresses; the system's resolver by default. */
  resolve?: (host: string, done: Resolved) => void;
  /** What is wrong with an address, null when nothing is. */
  problemOf?: (address: string) => string | null;
};

/**
 * An undici Agent that connects to public addresses only. Each connection is checked three times: the host when it is an
 * IP literal (`net.connect` never calls `lookup` for one), every address that the lookup returns (one forbidden address
 * refuses the connection, so that nothing is picked from a mixed list), and the peer address of the socket before a byte
 * is written. Proxy variables of the environment have no effect. The caller closes it. Fails with AddressRefused.
 */
export function guardedAgent(options: GuardOptions): Agent {
  const problemOf = options.problemOf ?? addressProblem;
  const connectors = {
    open: connector(options, plainLookup(options)),
    guarded: connector(options, guardedLookup(options, problemOf)),
  };
  return new Agent({
    connect(target, done) {
      const host = target.hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
      const port = Number(target.port || (target.protocol === "https:" ? 443 : 80));
      if (options.mayBePrivate(host, port)) return connectors.open(target, done);
      const problem = literalHostProblem(host, problemOf);
      if (problem !== null) return done(new AddressRefused(problem), null);
      const socket = connectors.guarded(target, done) as unknown as Socket;
      // Runs before the TLS handshake: its listener for `connect` was added earlier, and this one is inserted before it.
      socket.prependOnceListener("connect", () => refuseForbiddenPeer(socket, problemOf));
    },
  });
}

function connector(options: GuardOptions, lookup: LookupFunction): buildConnector.connector {
  const { ca, connectTimeoutMs: timeout } = options;
  const tls = ca === undefined ? {} : { ca };
  return buildConnector({
    allowH2: false,
    timeout,
    lookup,
    autoSelectFamily: true,
    ...tls,
  });
}

function refuseForbiddenPeer(socket: Socket, problemOf: (address: string) => string | null): void {
  const problem = problemOf(socket.remoteAddress ?? "");
  if (problem !== null) socket.destroy(new AddressRefused(problem));
}

function guardedLookup(options: GuardOptions, problemOf: (address: string) => string | null): LookupFunction {
  return lookupWith(options, (host, addresses) => {
    for (const { address } of addresses) {
      const problem = problemOf(address);
      if (problem !== null) return new AddressRefused(`${problem}, which is where ${host} points`);
    }
    return null;
  });
}

function plainLookup(options: GuardOptions): LookupFunction {
  return lookupWith(options, () => null);
}

function lookupWith(
  options: GuardOptions,
  judge: (host: string, addresses: LookupAddress[]) => Error | null,
): LookupFunction {
  const resolve = options.resolve ?? ((host, done: Resolved) => systemLookup(host, { all: true }, done));
  return (host, { all }, done) => {
    resolve(host, (error, addresses) => {
      const first = addresses?.[0];
      const refusal = error ?? (first === undefined ? notFound(host) : judge(host, addresses));
      if (refusal !== null || first === undefined) return done(refusal, "", 0);
      if (all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

function notFound(host: string): Error {
  return Object.assign(new Error(`no address found for ${host}`), { code: "ENOTFOUND" });
}
