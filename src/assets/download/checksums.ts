import crypto from "node:crypto";
import { crc32c } from "../../lib/files/crc32c.ts";
import type { ResponseFacts } from "./response.ts";

type Expected = { md5: string[]; crc32c: string[]; word: "md5" | "etag"; notes: string[] };

export type Checksums = {
  update(chunk: Buffer): void;
  /** The digests; `mismatch` is one line when they are not those that the server states. */
  finish(): { sha256: string; proof: "md5" | "etag" | "crc32c" | null; mismatch: string | null; notes: string[] };
};

/**
 * Digests the bytes as they arrive: sha256 for the archive, and the digest that the server states: md5 where it is sent,
 * else crc32c (`x-goog-hash` of Google Cloud Storage, which has only crc32c for composed objects), else an ETag of 32 hex
 * digits, which object stores make from the md5. A value that cannot be decoded proves nothing and is noted.
 */
export function createChecksums(facts: ResponseFacts): Checksums {
  const expected = readExpected(facts);
  const sha256 = crypto.createHash("sha256");
  const md5 = expected.md5.length > 0 ? crypto.createHash("md5") : null;
  const useCrc = md5 === null && expected.crc32c.length > 0;
  let crc = 0;
  return {
    update: (chunk) => {
      sha256.update(chunk);
      md5?.update(chunk);
      if (useCrc) crc = crc32c(crc, chunk);
    },
    finish: () => {
      const actual = md5?.digest("hex") ?? crc.toString(16).padStart(8, "0");
      const stated = md5 === null ? expected.crc32c : expected.md5;
      const name = md5 === null ? "crc32c" : expected.word;
      const wrong = stated.find((value) => value !== actual);
      const mismatch = wrong === undefined ? null : `the ${name} of the bytes is ${actual}, the server says ${wrong}`;
      return { sha256: sha256.digest("hex"), proof: stated.length > 0 ? name : null, mismatch, notes: expected.notes };
    },
  };
}

function readExpected(facts: ResponseFacts): Expected {
  const expected: Expected = { md5: [], crc32c: [], word: "md5", notes: [] };
  if (facts.hashesDiffer) return expected;
  for (const item of facts.googHashes.flatMap((header) => header.split(","))) {
    const [, name, value] = /^\s*(md5|crc32c)=(.*?)\s*$/i.exec(item) ?? [];
    if (name !== undefined && value !== undefined) addStated(expected, name.toLowerCase() as "md5" | "crc32c", value);
  }
  const etag = /^"([0-9a-f]{32})"$/i.exec(facts.etag ?? "")?.[1];
  if (expected.md5.length + expected.crc32c.length > 0 || etag === undefined) return expected;
  return { ...expected, md5: [etag.toLowerCase()], word: "etag" };
}

function addStated(expected: Expected, name: "md5" | "crc32c", value: string): void {
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(value) ? Buffer.from(value, "base64") : Buffer.alloc(0);
  if (bytes.length === (name === "md5" ? 16 : 4)) expected[name].push(bytes.toString("hex"));
  else expected.notes.push(`x-goog-hash: ${name} could not be read`);
}
