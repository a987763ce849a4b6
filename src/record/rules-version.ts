/**
 * The number of the rules by which records become rows: what is read of them (`wire.ts`, `leaves.ts`), judged (`state.ts`),
 * mapped (`map.ts`) and merged (`merge.ts`). One more with each change of what any record gives: an archive whose rows
 * were made by other rules is then brought up to date from its journal (`restore/rebuild/renew-rows.ts`).
 */
export const RULES_VERSION = 1;
