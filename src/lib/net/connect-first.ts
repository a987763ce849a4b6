import type { LookupAddress } from "node:dns";
import { connect, type Socket } from "node:net";
import { errors } from "undici";

/** How long one address may keep the next one waiting (RFC 8305, "Connection Attempt Delay"). */
const STAGGER_MS = 250;

/**
 * Connects to the first of several addresses that answers. None is given up for being slow: each further one is tried
 * beside those under way, 250 ms after the one before or as soon as that has failed (RFC 8305). Node's own
 * `autoSelectFamily` tries them one after another and ends each after 250 ms. Fails with the error of the first address
 * that refused, or with a ConnectTimeoutError after `timeoutMs` in all.
 */
export function connectFirst(
  addresses: readonly LookupAddress[],
  port: number,
  timeoutMs: number,
  done: (error: Error | null, socket: Socket | null) => void,
): void {
  const waiting = alternateFamilies(addresses);
  const open = new Set<Socket>();
  let firstError: Error | null = null;
  let nextTimer: NodeJS.Timeout | undefined;
  const deadline = setTimeout(() => finish(timeoutError(timeoutMs, addresses.length), null), timeoutMs);
  tryNext();

  function tryNext(): void {
    clearTimeout(nextTimer);
    const address = waiting.shift();
    if (address === undefined) return;
    const socket = connect({ host: address.address, port, noDelay: true, keepAlive: true });
    open.add(socket);
    socket.once("connect", () => finish(null, socket));
    socket.once("error", (error) => failed(socket, error));
    if (waiting.length > 0) nextTimer = setTimeout(tryNext, STAGGER_MS);
  }

  function failed(socket: Socket, error: Error): void {
    if (!open.delete(socket)) return;
    firstError ??= error;
    if (waiting.length > 0) tryNext();
    else if (open.size === 0) finish(firstError, null);
  }

  function finish(error: Error | null, socket: Socket | null): void {
    clearTimeout(deadline);
    clearTimeout(nextTimer);
    waiting.length = 0;
    for (const other of open) if (other !== socket) other.on("error", () => undefined).destroy();
    open.clear();
    socket?.removeAllListeners("error");
    done(error, socket);
  }
}

/** The families in turn, so that a family that is dead as a whole costs one stagger. */
function alternateFamilies(addresses: readonly LookupAddress[]): LookupAddress[] {
  const [first] = addresses;
  const one = addresses.filter(({ family }) => family === first?.family);
  const other = addresses.filter(({ family }) => family !== first?.family);
  return Array.from({ length: Math.max(one.length, other.length) }, (_, at) => [one[at], other[at]])
    .flat()
    .filter((address) => address !== undefined);
}

function timeoutError(timeoutMs: number, count: number): Error {
  const addresses = count === 1 ? "its address" : `any of its ${count} addresses`;
  return new errors.ConnectTimeoutError(`no connection to ${addresses} within ${timeoutMs / 1000} s`);
}
