import { randomInt } from "node:crypto";
import { acquireLock } from "../../db/lock.ts";
import { UsageError } from "../../lib/errors.ts";
import { readKeys, writeKeys, type StoredKey } from "./key-file.ts";
import { checkKeyName, sameName } from "./key-names.ts";

/** Other changes of the file take milliseconds. */
const WAIT_MS = 10_000;
/** 26 of 31 characters are 128 bits; none looks like another one, since a key is typed on phones. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
const LENGTH = 26;

/** Adds a key and returns it: it is shown once. Throws UsageError for a bad or known name; LockedError and DiskError. */
export function addKey(home: string, text: string, now: number): StoredKey {
  const name = checkKeyName(text);
  using _lock = acquireLock(home, "key add", WAIT_MS, "keys-lock");
  const keys = readKeys(home);
  refuseKnown(keys, name);
  const added = { name, key: makeKey(), addedAt: new Date(now).toISOString() };
  writeKeys(home, [...keys, added]);
  return added;
}

/** Ends a key: a server that runs takes it no more within a second. Throws UsageError for an unknown name; as addKey. */
export function removeKey(home: string, text: string): string {
  using _lock = acquireLock(home, "key rm", WAIT_MS, "keys-lock");
  const keys = readKeys(home);
  const name = findName(keys, text);
  writeKeys(
    home,
    keys.filter((one) => one.name !== name),
  );
  return name;
}

/** The name that `key add` would add. Throws as addKey, and changes nothing. */
export function planAddKey(home: string, text: string): string {
  const name = checkKeyName(text);
  refuseKnown(readKeys(home), name);
  return name;
}

/** The name that `key rm` would remove. Throws as removeKey, and changes nothing. */
export function planRemoveKey(home: string, text: string): string {
  return findName(readKeys(home), text);
}

function refuseKnown(keys: StoredKey[], name: string): void {
  const known = keys.find((one) => sameName(one.name, name));
  if (known === undefined) return;
  throw new UsageError(`there is a key named ${known.name} already`, {
    code: "known_name",
    hint: `take another name, or end that one first: producer-mirror key rm "${known.name}"`,
  });
}

function findName(keys: StoredKey[], text: string): string {
  const name = text.normalize("NFC");
  const found = keys.find((one) => one.name === name) ?? keys.find((one) => sameName(one.name, name));
  if (found) return found.name;
  checkKeyName(name);
  throw new UsageError(`there is no key named ${name}`, {
    code: "unknown_name",
    hint: "`producer-mirror key list` shows all",
  });
}

function makeKey(): string {
  return Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
}
