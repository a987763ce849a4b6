export type RenewOptions = {
  home: string;
  signal: AbortSignal;
  note: (line: string) => void;
  onLine?: (lines: number) => void;
};

/** Makes the rows again by the rules of this program. A run goes on with the rows as they are when that cannot be done. */
export async function renew({ home, signal, note, onLine = () => {} }: RenewOptions): Promise<void> {
  const { renewRows } = await import("../restore/rebuild/renew-rows.ts");
  note("the rows were made by other rules than this version's: bringing them up to date from the journal");
  const why = await renewRows({ home, signal, onLine });
  if (why !== null) note(`the rows stay as they are: ${why}; \`producer-mirror rebuild\` makes them again`);
}
