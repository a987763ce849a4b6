/** The ids of all pages, one after another. */
export function paged(
  read: (cursor: { cursor?: string }) => { rows: { id: string }[]; next: string | null },
): string[] {
  const ids: string[] = [];
  for (let page = read({}); ; page = read({ cursor: page.next })) {
    ids.push(...page.rows.map(({ id }) => id));
    if (page.next === null) return ids;
  }
}
