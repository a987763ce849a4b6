import type { AssetKind } from "../../lib/asset-kinds.ts";
import { ENDINGS, expectedWords, type FileType, type WalkedType } from "./file-types.ts";
import { safeHead } from "../../lib/text/terminal-safe.ts";
import { foreignName, SNIFF_BYTES, sniffType } from "./sniff.ts";
import { BadBytes, startWalk, type Walk, type Walker, type WalkResult } from "./walk.ts";
import { walkJpeg } from "./walk-jpeg.ts";
import { walkMp3 } from "./walk-mp3.ts";
import { walkHeif, walkMp4 } from "./walk-mp4.ts";
import { walkPng } from "./walk-png.ts";
import { walkWav, walkWebp } from "./walk-riff.ts";
import { walkZip } from "./walk-zip.ts";

/** `type` of a file that is not valid: what it is all the same, null when it is nothing that the kind accepts. */
export type Inspection =
  ({ ok: true; type: WalkedType } & WalkResult) | { ok: false; problem: string; type: FileType | null };

export type Inspector = {
  /** Checks the next bytes of the file. */
  push(chunk: Buffer): void;
  /** Set as soon as the file cannot become valid; one line that is safe to print. */
  readonly problem: string | null;
  /** What the file is by its first bytes; null before these, and for one that the kind does not accept. */
  readonly type: FileType | null;
  /** The result, after the last byte. */
  finish(): Inspection;
};

const WALKS: { readonly [Type in WalkedType]: () => Walk<WalkResult> } = {
  mp4: walkMp4,
  mp3: walkMp3,
  wav: walkWav,
  jpg: walkJpeg,
  png: walkPng,
  webp: walkWebp,
  avif: walkHeif,
  heic: walkHeif,
  zip: walkZip,
};

/** What the walk of a type checks, as `proof` names it. */
export const WALK_PROOF: { readonly [Type in WalkedType]: string } = {
  mp4: "boxes",
  mp3: "frames",
  wav: "chunks",
  jpg: "markers",
  png: "chunks",
  webp: "chunks",
  avif: "boxes",
  heic: "boxes",
  zip: "directory",
};

/** Checks a file of `kind` as its bytes arrive, in chunks of any size, and keeps few of them. Never throws for bad bytes. */
export function createInspector(kind: AssetKind): Inspector {
  let head = Buffer.alloc(0);
  let seen = 0;
  let walker: Walker<WalkResult> | null = null;
  let type: FileType | null = null;
  let problem: string | null = null;
  return {
    push: (chunk) => {
      seen += chunk.length;
      attempt(() => (walker === null ? collect(chunk) : walker.push(chunk)));
    },
    get problem() {
      return problem;
    },
    get type() {
      return type;
    },
    finish: () => {
      if (seen === 0) problem = "empty: 0 bytes";
      if (walker === null) attempt(begin);
      const found = attempt(() => walker?.end());
      return found === undefined || type === null || !isWalked(type)
        ? { ok: false, problem: problem ?? "unreadable", type }
        : { ok: true, type, ...found };
    },
  };

  /** Runs a step unless the file is bad already, and remembers its problem. */
  function attempt<Result>(step: () => Result): Result | undefined {
    if (problem !== null) return undefined;
    try {
      return step();
    } catch (error) {
      if (!(error instanceof BadBytes)) throw error;
      problem = type === null || !isWalked(type) ? error.message : `a broken ${type} file: ${error.message}`;
      return undefined;
    }
  }

  function collect(chunk: Buffer): void {
    head = Buffer.concat([head, chunk.subarray(0, SNIFF_BYTES - head.length)]);
    if (head.length < SNIFF_BYTES) return;
    const rest = chunk.subarray(chunk.length - (seen - SNIFF_BYTES));
    begin();
    walker?.push(rest);
  }

  function begin(): void {
    const sniffed = sniffType(head);
    if (sniffed === null || ENDINGS[kind][sniffed] === undefined) throw new BadBytes(mismatch(kind, sniffed, head));
    type = sniffed;
    if (!isWalked(sniffed)) throw new BadBytes(mismatch(kind, sniffed, head));
    walker = startWalk(WALKS[sniffed]());
    walker.push(head);
  }
}

function isWalked(type: FileType): type is WalkedType {
  return type in WALKS;
}

/** Checks a whole file in memory. */
export function inspectBytes(kind: AssetKind, bytes: Buffer): Inspection {
  const inspector = createInspector(kind);
  inspector.push(bytes);
  return inspector.finish();
}

function mismatch(kind: AssetKind, sniffed: FileType | null, head: Buffer): string {
  const name = foreignName(head) ?? (sniffed === null ? null : `${sniffed} data`);
  return `not ${expectedWords(kind)}${name === null ? "" : ` but ${name}`} (starts with "${safeHead(head)}")`;
}
