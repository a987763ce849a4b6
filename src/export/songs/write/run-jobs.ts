import { join } from "node:path";
import { safeParts } from "../../../assets/store/files.ts";
import { DiskError } from "../../../lib/errors.ts";
import { makeFile, SourceTrouble, type FileToMake, type Made, type Maker } from "./make-file.ts";

/** What makes files, in words that can be sent to a thread. */
export type MakerOptions = {
  /** The folder of the archive's files. */
  assets: string;
  mode: number;
  tags: boolean;
};

/** A file, and the absolute path under which it is made. */
export type Job = { file: FileToMake; place: string };

/** An error that can be sent between threads; it has an `errno` where the file system says it of `place`. */
export type Failure = { message: string; code: string; errno?: number; hint?: string };
export type Outcome = { made: Made } | { trouble: string } | { failure: Failure };

export async function openMaker({ assets, mode, tags }: MakerOptions): Promise<Maker> {
  const writeTags = tags ? (await import("./write-tags.ts")).writeTags : null;
  return { locate: (path) => join(assets, ...safeParts(path)), mode, writeTags };
}

/** Makes these files, one after the other; the first failure ends it. */
export function runJobs(maker: Maker, jobs: Job[]): Outcome[] {
  const outcomes: Outcome[] = [];
  for (const job of jobs) {
    const outcome = run(maker, job);
    outcomes.push(outcome);
    if ("failure" in outcome) break;
  }
  return outcomes;
}

function run(maker: Maker, { file, place }: Job): Outcome {
  try {
    return { made: makeFile(maker, file, place) };
  } catch (error) {
    if (error instanceof SourceTrouble) return { trouble: error.message };
    const { message, code = "", errno } = error as NodeJS.ErrnoException;
    if (error instanceof DiskError) return { failure: { message, code, ...(error.hint && { hint: error.hint }) } };
    if (errno === undefined) throw error;
    return { failure: { message, code, errno } };
  }
}
