import type { MirrorError } from "../../lib/errors.ts";
import { safeJson, safeLine, safeText } from "../../lib/text/terminal-safe.ts";
import { errorFields, errorLines } from "./error-text.ts";
import { createProgressLine } from "./progress-line.ts";
import { formatRows, type Format, type Listing, type Rows } from "./rows.ts";
import { createSink, type Sink, type Stream } from "./sink.ts";

/** All output of a command: results on stdout, notes on stderr, and no control characters in either. */
export type Output = {
  /** Applies the flags, once they are parsed. */
  configure(settings: Settings): void;
  /** Lines of a report for a person, on stdout; unseen characters are shown as escapes. */
  print(text: string): void;
  /** Exactly these characters on stdout; on a terminal unseen ones are shown as escapes, and the last line is ended. */
  printExactly(text: string): Promise<void>;
  /** One JSON document on stdout. */
  json(value: unknown): Promise<void>;
  /** One JSON document as a line of its own, for commands that print several. */
  jsonLine(value: unknown): Promise<void>;
  rows<Row extends object>(format: Format, rows: Rows<Row>, listing: Listing<Row>): Promise<void>;
  /** One line on stderr, not with --quiet. */
  note(line: string): void;
  /** One line on stderr, only with --verbose. */
  detail(line: string): void;
  /** What went wrong, on stderr, and with --json as `{ ...counts, error }` on stdout unless a document is there already. */
  error(error: MirrorError, counts?: object): Promise<void>;
  /** Shows a progress line on stderr until the result is disposed of. */
  progress(render: () => string): Disposable;
  /** Aborts when nobody reads stdout any more; later writes are dropped without an error. */
  readonly readerGone: AbortSignal;
  /** True when stdout is a terminal and not in CI. */
  readonly isInteractive: boolean;
  /** Waits until stdout has taken everything written so far. Rejects with DiskError when it could not. */
  flush(): Promise<void>;
  /** Waits until everything is written. Returns why stdout could not be written, such as a full disk. */
  close(): Promise<MirrorError | undefined>;
};

export type Settings = { json?: boolean; quiet?: boolean; verbose?: boolean; progress?: boolean };

export type OutputOptions = Settings & {
  stdout: Stream;
  stderr: Stream;
  /** Only NO_COLOR, CI and TERM are looked at. */
  env: Record<string, string | undefined>;
  /** Milliseconds between two lines of progress where there is no terminal; default 30 s. */
  plainEvery?: number;
};

/** The only writer to stdout and stderr. A write that fails makes the awaited call reject with DiskError. */
export function createOutput({ stdout, stderr, env, plainEvery, ...initial }: OutputOptions): Output {
  const settings: Settings = { ...initial };
  const out = createSink(stdout, "stdout");
  const err = createSink(stderr, "stderr");
  const smart = env["TERM"] !== "dumb";
  const colours = (stream: Stream) => stream.isTTY === true && smart && !env["NO_COLOR"];
  const progress = createProgressLine({
    live: stderr.isTTY === true && smart && !env["CI"],
    columns: () => stderr.columns ?? 80,
    write: (text) => ignoreRejection(err.write(text)),
    ...(plainEvery === undefined ? {} : { plainEvery }),
  });
  /** Documents on stdout: a failure after them must not add a second document. */
  let documents = 0;

  const toStdout = (text: string) => {
    if (stdout.isTTY) progress.clear();
    return out.write(text);
  };
  const toDocument = (text: string) => {
    if (text) documents++;
    return toStdout(text);
  };
  const toStderr = (line: string) => {
    progress.clear();
    ignoreRejection(err.write(`${line}\n`));
  };
  const writeJson = (text: string) => toDocument(`${safeJson(text)}\n`);

  return {
    readerGone: out.gone,
    isInteractive: stdout.isTTY === true && !env["CI"],
    configure: (changes) => void Object.assign(settings, changes),
    print: (text) => ignoreRejection(toStdout(endLine(safeText(text)))),
    printExactly: (text) => toStdout(stdout.isTTY ? endLine(safeText(text)) : text),
    json: (value) => writeJson(JSON.stringify(value, null, 2)),
    jsonLine: (value) => writeJson(JSON.stringify(value)),
    async rows(format, rows, listing) {
      const heading = paint(colours(stdout), "1");
      const width = stdout.isTTY ? (stdout.columns ?? 80) : undefined;
      let dropped: string[] = [];
      const onDropped = (titles: string[]) => void (dropped = titles);
      await writeChunks(formatRows(format, rows, listing, { width, heading, onDropped }), out, toDocument);
      if (dropped.length > 0 && !settings.quiet)
        toStderr(`no room in ${width} columns for ${dropped.join(", ")}: a wider window or --format csv shows all`);
    },
    note: (line) => void (settings.quiet || toStderr(safeLine(line))),
    detail: (line) => void (settings.verbose && !settings.quiet && toStderr(safeLine(line))),
    async error(error, counts = {}) {
      const [first = "", ...rest] = errorLines(error, settings.verbose === true).map(safeLine);
      toStderr(`${paint(colours(stderr), "1;31")("error:")} ${first}`);
      rest.forEach(toStderr);
      if (!settings.json || documents > 0) return;
      await writeJson(JSON.stringify({ ...counts, error: errorFields(error) }, null, 2));
    },
    progress: (render) =>
      settings.quiet || settings.progress === false ? { [Symbol.dispose]: () => {} } : progress.start(render),
    flush: () => out.write(""),
    async close() {
      progress.clear();
      await Promise.allSettled([out.write(""), err.write("")]);
      return out.failure;
    },
  };
}

/** Writes chunks as fast as the reader takes them; ends early when the reader is gone. */
async function writeChunks(
  chunks: AsyncIterable<string>,
  out: Sink,
  write: (text: string) => Promise<void>,
): Promise<void> {
  let waiting = "";
  for await (const chunk of chunks) {
    waiting += chunk;
    if (waiting.length < 16_384) continue;
    await write(waiting);
    waiting = "";
    if (out.gone.aborted) return;
  }
  await write(waiting);
}

function endLine(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

function paint(colour: boolean, code: string): (text: string) => string {
  return (text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
}

/** The sink remembers a failure; `close` and every awaited write report it. */
function ignoreRejection(writing: Promise<void>): void {
  writing.catch(() => {});
}
