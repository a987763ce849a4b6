import { AssetError } from "../asset-error.ts";
import type { ResponseFacts } from "./response.ts";
import { createChecksums } from "./checksums.ts";
import type { FileType } from "../inspect/file-types.ts";
import { createInspector, WALK_PROOF } from "../inspect/inspect.ts";
import type { WantedFile } from "../wanted-file.ts";

export type CheckedBytes = {
  type: FileType;
  bytes: number;
  sha256: string;
  durationSeconds: number | null;
  proof: string;
  note: string | null;
};

export type ByteCheck = {
  readonly url: string;
  /** Throws AssetError `too_large` when the server announces more than the cap. */
  expect(totalBytes: number | null): void;
  /** Checks the next bytes; throws AssetError as soon as the file cannot become valid. */
  update(chunk: Buffer): void;
  /** The result after the last byte; throws AssetError when the file is incomplete or not valid. */
  finish(httpStatus: number): CheckedBytes;
};

/** Checks one file as its bytes arrive: size, digests, structure. `cap` in bytes. */
export function createByteCheck(wanted: WantedFile, facts: ResponseFacts, cap: number): ByteCheck {
  const checksums = createChecksums(facts);
  const inspector = createInspector(wanted.kind);
  let bytes = 0;
  return {
    url: wanted.url,
    expect: (total) => {
      if (total !== null && total > cap) throw tooLarge(wanted, total, cap);
    },
    update: (chunk) => {
      bytes += chunk.length;
      if (bytes > cap) throw tooLarge(wanted, bytes, cap);
      checksums.update(chunk);
      inspector.push(chunk);
      if (inspector.problem !== null) throw new AssetError("bad_bytes", inspector.problem);
    },
    finish: (httpStatus) => {
      const total = facts.totalBytes;
      if (total !== null && bytes !== total)
        throw new AssetError("cut", `${bytes} of ${total} bytes arrived`, { httpStatus });
      const inspection = inspector.finish();
      if (!inspection.ok) throw new AssetError("bad_bytes", inspection.problem, { httpStatus });
      const { sha256, proof, mismatch, notes } = checksums.finish();
      if (mismatch !== null) throw new AssetError("hash_mismatch", mismatch, { httpStatus });
      const { type, durationSeconds, note } = inspection;
      const proofs = [proof, total === null ? null : "length", WALK_PROOF[type]];
      const remarks = [note, durationNote(wanted.durationSeconds, durationSeconds), ...notes];
      return { type, bytes, sha256, durationSeconds, proof: join(proofs, " ")!, note: join(remarks, "; ") };
    },
  };
}

/** A remark when the file's length differs from the record's by more than 2 s and 5 %. */
export function durationNote(record: number | null, file: number | null): string | null {
  if (record === null || file === null || Math.abs(record - file) <= Math.max(2, record * 0.05)) return null;
  return `duration_mismatch: the file has ${file.toFixed(1)} s, the record says ${record.toFixed(1)} s`;
}

function tooLarge(wanted: WantedFile, bytes: number, cap: number): AssetError {
  const message = `too large: ${bytes} bytes, at most ${cap} are accepted for ${wanted.kind}`;
  return new AssetError("too_large", message, { followUp: "never" });
}

function join(words: (string | null)[], between: string): string | null {
  return words.filter((word) => word !== null).join(between) || null;
}
