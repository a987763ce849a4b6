/** As `list.push(...more)`, which overflows the stack from about 120,000 items on. */
export function addAll<Item>(list: Item[], more: Iterable<Item>): void {
  for (const item of more) list.push(item);
}
