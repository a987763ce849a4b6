/** The ids of all pages, one after another. */
export function paged(
  read: (cursor: { cursor?: string }) => { rows: Iterable<{ id: string }>; next: string | null },
): string[] {
  const ids: string[] = [];
  for (let page = read({}); ; page = read({ cursor: page.next })) {
    ids.push(...idsOf(page.rows));
    if (page.next === null) return ids;
  }
}

export function idsOf(rows: Iterable<{ id: string }>): string[] {
  return Array.from(rows, ({ id }) => id);
}
