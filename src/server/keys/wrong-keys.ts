const MAX_WRONG = 10;
const SPAN_MS = 60_000;
const MAX_ADDRESSES = 10_000;

/** Counts wrong keys: ten in a minute from one address, and it is refused until a minute has passed. */
export type WrongKeys = {
  isBlocked(address: string): boolean;
  /** A browser sends the cookie of a removed key with each picture of a page: one cookie counts once. */
  count(address: string, cookie?: string): void;
};

export function countWrongKeys(now: () => number = performance.now.bind(performance)): WrongKeys {
  const wrong = new Map<string, { at: number; cookie: string | undefined }[]>();
  const recent = (address: string) => (wrong.get(network(address)) ?? []).filter(({ at }) => now() - at < SPAN_MS);
  return {
    isBlocked: (address) => recent(address).length >= MAX_WRONG,
    count: (address, cookie) => {
      const before = recent(address);
      if (cookie !== undefined && before.some((one) => one.cookie === cookie)) return;
      wrong.delete(network(address));
      wrong.set(network(address), [...before, { at: now(), cookie }].slice(-MAX_WRONG));
      if (wrong.size > MAX_ADDRESSES) wrong.delete(wrong.keys().next().value ?? "");
    },
  };
}

/** One IPv6 customer has a whole /64. */
function network(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
  return plain.includes(":") ? plain.split(":").slice(0, 4).join(":") : plain;
}
