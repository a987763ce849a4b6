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

/**
 * Checks one file as its bytes arrive: size, digests, structure. What is nothing of the kind is refused, whatever else
 * holds. A digest of the server that fits proves the bytes, and their structure only adds a note; without one, length and
 * structure decide. `cap` in bytes.
 */
export function createByteCheck(wanted: WantedFile, facts: ResponseFacts, cap: number): ByteCheck {
  const checksums = createChecksums(facts.digests);
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
      const { problem, type } = inspector;
      if (problem !== null && (type === null || !checksums.mayProve)) throw badBytes(problem);
    },
    finish: (httpStatus) => {
      const total = facts.totalBytes;
      if (total !== null && bytes !== total)
        throw new AssetError("cut", `${bytes} of ${total} bytes arrived`, { httpStatus });
      const { sha256, proof, mismatch } = checksums.finish();
      const inspection = inspector.finish();
      const { type } = inspection;
      if (type === null || (!inspection.ok && proof === null && mismatch === null))
        throw badBytes(inspection.ok ? "unreadable" : inspection.problem, httpStatus);
      if (mismatch !== null) throw new AssetError("hash_mismatch", mismatch, { httpStatus });
      const durationSeconds = inspection.ok ? inspection.durationSeconds : null;
      const walk = inspection.ok ? WALK_PROOF[inspection.type] : null;
      const proofs = [proof, total === null ? null : "length", walk];
      const remark = inspection.ok
        ? inspection.note
        : `its bytes are as the server has them, but: ${inspection.problem}`;
      const remarks = [remark, durationNote(wanted.durationSeconds, durationSeconds), ...facts.unreadable];
      return { type, bytes, sha256, durationSeconds, proof: join(proofs, " ")!, note: join(remarks, "; ") };
    },
  };

  /** Bytes that are nothing of the kind may be in the coding that the headers name, although none was requested. */
  function badBytes(problem: string, httpStatus?: number): AssetError {
    if (facts.coding === null || inspector.type !== null) return new AssetError("bad_bytes", problem, { httpStatus });
    const message = `${hostOf(wanted.url)} sent the file in an encoding that was not requested (${facts.coding})`;
    return new AssetError("encoding", message, { httpStatus });
  }
}

/** A remark when the file's length differs from the record's by more than 2 s and 5 %. */
export function durationNote(record: number | null, file: number | null): string | null {
  if (record === null || file === null || Math.abs(record - file) <= Math.max(2, record * 0.05)) return null;
  return `duration_mismatch: the file has ${file.toFixed(1)} s, the record says ${record.toFixed(1)} s`;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "the server";
}

function tooLarge(wanted: WantedFile, bytes: number, cap: number): AssetError {
  const message = `too large: ${bytes} bytes, at most ${cap} are accepted for ${wanted.kind}`;
  return new AssetError("too_large", message, { followUp: "never" });
}

function join(words: (string | null)[], between: string): string | null {
  return words.filter((word) => word !== null).join(between) || null;
}
