/** What `list.push(...more)` does, for any length: that one overflows the stack from about 120,000 on. */
export function addAll<Item>(list: Item[], more: Iterable<Item>): void {
  for (const item of more) list.push(item);
}
