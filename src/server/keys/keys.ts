import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { statSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { keyFilePath, readKeys, type StoredKey } from "./key-file.ts";
import { ENVIRONMENT_NAME } from "./key-names.ts";
import { watchOpenAnswers } from "./open-answers.ts";
import { noteUses } from "./uses.ts";

/** The keys that open this server now; a key that was removed opens nothing more. */
export type Keys = AsyncDisposable & {
  any(): boolean;
  /** The name of a key, or undefined; the time does not depend on how much of a wrong key is right. */
  nameOf(key: string): string | undefined;
  /** The key of a name, for a login that sends a digest of it. */
  keyOf(name: string): string | undefined;
  /** What the page keeps as a cookie: it names the key and proves it, and does not contain it. */
  cookieOf(name: string): string | undefined;
  /** The name of the key that made a cookie, while that key exists. */
  nameOfCookie(cookie: string): string | undefined;
  /** A request came in by this key: its use is noted, and its answer ends within a second after the key is removed. */
  letIn(name: string, response: ServerResponse): void;
};

/** The keys of the archive in `home`, and one more, named `env`, from the environment. */
export function openKeys(home: string, fromEnvironment: string | undefined): Keys {
  const current = keysOf(home, fromEnvironment);
  const keyOf = (name: string) => current().find((one) => one.name === name)?.key;
  const cookieOf = (name: string) => {
    const key = keyOf(name);
    return key === undefined ? undefined : `${Buffer.from(name).toString("base64url")}.${proofOf(key)}`;
  };
  const uses = noteUses(home);
  const answers = watchOpenAnswers(keyOf);
  return {
    any: () => current().length > 0,
    nameOf: (key) => findEqual(current(), key)?.name,
    keyOf,
    cookieOf,
    nameOfCookie: (cookie) => {
      const name = Buffer.from(cookie.split(".")[0] ?? "", "base64url").toString();
      const right = cookieOf(name);
      return right !== undefined && isEqual(right, cookie) ? name : undefined;
    },
    letIn(name, response) {
      uses.note(name);
      answers.add(name, response);
    },
    async [Symbol.asyncDispose]() {
      answers[Symbol.dispose]();
      await uses[Symbol.asyncDispose]();
    },
  };
}

/** Reads the file again when it has changed. */
function keysOf(home: string, fromEnvironment: string | undefined): () => StoredKey[] {
  const own = fromEnvironment ? [{ name: ENVIRONMENT_NAME, key: fromEnvironment, addedAt: "" }] : [];
  let [seen, keys] = ["", [] as StoredKey[]];
  return () => {
    const now = fingerprint(keyFilePath(home));
    if (now !== seen) [seen, keys] = [now, readKeys(home)];
    return [...own, ...keys];
  };
}

function fingerprint(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.ino} ${found.mtimeNs} ${found.size}` : "none";
}

/** Looks at all keys, also after one fits. */
function findEqual(keys: StoredKey[], key: string): StoredKey | undefined {
  let found: StoredKey | undefined;
  for (const one of keys) if (isEqual(one.key, key)) found = one;
  return found;
}

function isEqual(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function proofOf(key: string): string {
  return createHmac("sha256", key).update("producer-mirror login cookie").digest("base64url");
}
