import { parentPort, workerData } from "node:worker_threads";
import type { Config } from "../../config.ts";
import type { ServerEvent } from "../events/event-text.ts";
import { openHandle, type ArchiveHandle } from "../archive-handle.ts";
import { toAskedError } from "./asked-error.ts";
import type { Announced, Answered, Asked } from "./messages.ts";
import { QUESTIONS } from "./questions.ts";

const config = { ...(workerData as Config), token: undefined, serveKey: undefined };
let archive: ArchiveHandle | undefined;

const announce = (event: ServerEvent) => parentPort?.postMessage({ event } satisfies Announced);

parentPort?.on("message", (asked: Asked) => {
  void answer(asked).then((answered) => parentPort?.postMessage(answered));
});

async function answer({ id, question, input }: Asked): Promise<Answered> {
  try {
    archive ??= await openHandle(config);
    const work = QUESTIONS[question as keyof typeof QUESTIONS] as (about: unknown, input: unknown) => unknown;
    const found = await work({ ...(await archive.current()), config, announce }, input);
    return { id, text: JSON.stringify(found) };
  } catch (error) {
    return { id, error: toAskedError(error, config.home) };
  }
}
