import { readKeys } from "./key-file.ts";
import { ENVIRONMENT_NAME } from "./key-names.ts";
import { readUses } from "./uses.ts";

/** A key without the key itself. Times are ISO 8601; `addedAt` is null for the one in the environment. */
export type ListedKey = { name: string; addedAt: string | null; lastUsedAt: string | null };

/** All keys, the oldest first. Throws DiskError. */
export function listKeys(home: string, hasEnvironmentKey: boolean): ListedKey[] {
  const uses = readUses(home);
  const stored = readKeys(home).map(({ name, addedAt }) => {
    const lastUsedAt = uses[name] ?? null;
    // A key of the same name before this one was another key.
    return { name, addedAt, lastUsedAt: lastUsedAt !== null && lastUsedAt >= addedAt ? lastUsedAt : null };
  });
  if (!hasEnvironmentKey) return stored;
  return [...stored, { name: ENVIRONMENT_NAME, addedAt: null, lastUsedAt: uses[ENVIRONMENT_NAME] ?? null }];
}
