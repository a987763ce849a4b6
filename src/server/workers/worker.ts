import { parentPort, workerData } from "node:worker_threads";
import type { Config } from "../../config.ts";
import { MirrorError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import { openHandle, type ArchiveHandle } from "../archive-handle.ts";
import type { Answered, Asked, AskedError } from "./messages.ts";
import { QUESTIONS } from "./questions.ts";

const config = { ...(workerData as Config), token: undefined, serveKey: undefined };
let archive: ArchiveHandle | undefined;

parentPort?.on("message", (asked: Asked) => {
  void answer(asked).then((answered) => parentPort?.postMessage(answered));
});

async function answer({ id, question, input }: Asked): Promise<Answered> {
  try {
    archive ??= await openHandle(config);
    const work = QUESTIONS[question as keyof typeof QUESTIONS] as (about: unknown, input: unknown) => unknown;
    const found = await work({ ...(await archive.current()), config }, input);
    return { id, text: JSON.stringify(found) };
  } catch (error) {
    return { id, error: toAskedError(error) };
  }
}

function toAskedError(thrown: unknown): AskedError {
  const error = toStorageError(thrown, config.home);
  if (error instanceof MirrorError)
    return { code: error.code, exit: error.exit, message: error.message, hint: error.hint ?? null };
  return { code: "unexpected", exit: 1, message: error instanceof Error ? error.message : String(error), hint: null };
}
