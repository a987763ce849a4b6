import { openForReading } from "../../app/archive.ts";
import { UsageError } from "../../lib/errors.ts";
import { isTaskId } from "../../record/pick-ids.ts";
import { safeLine } from "../../lib/text/terminal-safe.ts";
import { why, type Evidence, type Why, type WhyFile } from "../../query/explain/why.ts";
import { stateWord } from "../../print/views/state-word.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";

type Options = { json?: boolean };

/** Explains the state of one task or clip, in sentences. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<id>", "a task or clip, or the beginning of its id");
    bare.option("--json", "the sentences and their evidence as one JSON document");
    addExitCodes(bare, [0, 2, 4, 7, 9], {
      2: "usage or configuration; no such id, or several begin so; no archive here",
    });
    return addExample(bare, "producer-mirror why 1dd08826");
  },

  async run({ config }, [id = ""]) {
    const settings = config();
    using archive = await openForReading(settings);
    const reason = explain(() => why(archive.db, id, { kinds: settings.kinds, now: Date.now() }), id);
    return { document: reason, lines: [archive.home, ...report(reason)] };
  },
};

/** For a whole id that is unknown, the hint says why it is. */
function explain(work: () => Why, id: string): Why {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UsageError) || error.code !== "not_found" || !isTaskId(id.trim())) throw error;
    const hint = `it was never tracked here, and no record in the archive has it; if it is a task of yours, run \`producer-mirror track ${id.trim()}\``;
    throw new UsageError(error.message, { code: error.code, hint, cause: error });
  }
}

function report({ kind, id, taskId, title, state, shownState, sentences, task, next, evidence, files }: Why): string[] {
  const lines = [
    `${kind} ${id}${title ? ` "${title}"` : ""} is ${task ? stateWord(state) : shownState}`,
    ...sentences.map(indented),
    ...(task ? ["", `its task ${taskId} is ${shownState}`, ...task.sentences.map(indented)] : []),
    indented(next),
    "",
    "evidence",
    ...evidenceLines(evidence),
    ...files.flatMap((file) => fileLines(file, kind)),
  ];
  return lines.map(safeLine);
}

function fileLines({ kind, clipId, state, sentences, url }: WhyFile, asked: Why["kind"]): string[] {
  const whose = asked === "task" && clipId !== null ? ` of clip ${clipId}` : "";
  return ["", `${kind}${whose}: ${state}`, ...sentences.map(indented), indented(url)];
}

function evidenceLines({
  reason,
  documentVersion,
  documentSha256,
  fetchedAt,
  traceId,
  errorCode,
  lastError,
}: Evidence): string[] {
  const known: [string, string | number | null][] = [
    ["rule", reason],
    ["document", documentVersion === null ? null : `version ${documentVersion}, sha256 ${documentSha256 ?? "unknown"}`],
    ["received at", fetchedAt],
    ["trace id", traceId],
    ["error code", errorCode],
    ["last error", lastError],
  ];
  const lines = known.filter(([, value]) => value !== null).map(([name, value]) => `  ${name.padEnd(12)}${value}`);
  return lines.length > 0 ? lines : ["  none: the archive has no record of it"];
}

function indented(line: string): string {
  return `  ${line}`;
}
