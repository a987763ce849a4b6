const MAX_WRONG = 10;
const SPAN_MS = 60_000;
const MAX_ADDRESSES = 10_000;

/** Counts wrong keys: ten in a minute from one address, and it is refused until a minute has passed. */
export type WrongKeys = { isBlocked(address: string): boolean; count(address: string): void };

export function countWrongKeys(now: () => number = performance.now.bind(performance)): WrongKeys {
  const times = new Map<string, number[]>();
  const recent = (address: string) => (times.get(network(address)) ?? []).filter((at) => now() - at < SPAN_MS);
  return {
    isBlocked: (address) => recent(address).length >= MAX_WRONG,
    count: (address) => {
      const found = [...recent(address), now()].slice(-MAX_WRONG);
      times.delete(network(address));
      times.set(network(address), found);
      if (times.size > MAX_ADDRESSES) times.delete(times.keys().next().value ?? "");
    },
  };
}

/** One IPv6 customer has a whole /64. */
function network(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
  return plain.includes(":") ? plain.split(":").slice(0, 4).join(":") : plain;
}
