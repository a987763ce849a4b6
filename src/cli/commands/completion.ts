import { Argument, type Command } from "commander";
import { homedir } from "node:os";
import { peekArchive, type Reader } from "../../app/archive.ts";
import type { CliCommand, Context, CommandEntry } from "../command.ts";
import { completeLine, type Completion, type OpenArchive } from "../completion/complete-line.ts";
import { SCRIPTS, SHELLS, type Shell } from "../completion/scripts.ts";
import { quoteLike, splitShellLine, unquote } from "../completion/shell-line.ts";
import { addExample, addExitCodes } from "../options/help.ts";

type Surroundings = { context: Context; commands: CommandEntry[] };
type Ask = (words: string[], current: string) => Promise<Completion>;

const INSTALL = `
Where it goes, so that every new shell has it:
  bash  a line in ~/.bashrc: source <(producer-mirror completion bash)
  zsh   a file _producer-mirror in a folder of $fpath, as in the example
  fish  a file: producer-mirror completion fish >
        ~/.config/fish/completions/producer-mirror.fish
Ids, models, tags and kept queries come from the archive of that moment.`;

/** The script that a shell reads, and the answers that this script asks for. */
export function completionOf(commands: CommandEntry[]): CliCommand {
  return { define, run: (context, [shell, ...line]) => run(context, shell as Shell, line, commands) };
}

function define(bare: Command): Command {
  bare.addArgument(new Argument("<shell>", "which shell").choices(SHELLS));
  bare.argument("[line...]", "what is typed so far, after --; the script asks so");
  bare.addHelpText("after", INSTALL);
  addExitCodes(bare, [0, 2], { 2: "usage" });
  return addExample(bare, 'producer-mirror completion zsh > "${fpath[1]}/_producer-mirror"');
}

async function run(context: Context, shell: Shell, line: string[], commands: CommandEntry[]): Promise<void> {
  const text = line.length === 0 ? SCRIPTS[shell] : await answerTo(shell, line, { context, commands });
  await context.output.printExactly(text);
}

/** Nothing that goes wrong may disturb the line that a person is typing: then there is no answer. */
async function answerTo(shell: Shell, line: string[], { context, commands }: Surroundings): Promise<string> {
  context.output.configure({ quiet: true });
  using archive = archiveOnce(context);
  const ask = (words: string[], current: string) => completeLine(words, current, { commands, peek: archive.peek });
  try {
    if (shell === "bash") return await answerBash(line, ask);
    const words = line.slice(0, -1);
    const current = line.at(-1) ?? "";
    const found = await ask(words, shell === "fish" ? unquote(current) : current);
    return toText(found, ({ value, about }) => (about ? `${value}\t${about}` : value));
  } catch {
    return "values\n";
  }
}

/** `typed` is the line up to the cursor, and the part of its last word that bash would replace. */
async function answerBash([typed = "", part = ""]: string[], ask: Ask): Promise<string> {
  const { words, raw } = splitShellLine(typed);
  const kept = raw.endsWith(part) ? raw.slice(0, raw.length - part.length) : "";
  const found = await ask(words.slice(1), unquote(raw));
  return toText(found, ({ value }) => {
    const written = quoteLike(raw, value);
    return written?.startsWith(kept) ? written.slice(kept.length) : undefined;
  });
}

/** First a word for what this is, then a line for each candidate. */
function toText(
  found: Completion,
  line: (candidate: Exclude<Completion, string>[number]) => string | undefined,
): string {
  if (typeof found === "string") return `${found}\n`;
  return ["values", ...found.map(line).filter((one) => one !== undefined), ""].join("\n");
}

/** The archive, opened at the first question to it; closed with the result. */
function archiveOnce({ config }: Context): { peek: OpenArchive } & Disposable {
  let opened: { reader: Reader | undefined } | undefined;
  const open = (home: string | undefined) => {
    try {
      return peekArchive(config(home === undefined ? {} : { home: home.replace(/^~(?=\/|$)/, homedir()) }));
    } catch {
      return undefined;
    }
  };
  return {
    peek: (home) => ({ archive: () => (opened ??= { reader: open(home) }).reader }),
    [Symbol.dispose]: () => opened?.reader?.[Symbol.dispose](),
  };
}
