/** A JSON value that begins at a bracket, or what JavaScript, Python and Ruby print instead; undefined for anything else. */
export function parseContainer(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  return parse(text) ?? parse(toJson(text));
}

/**
 * The JSON values within a line of text, and the line without them. Each bracket is looked at once, and only few of them.
 */
export function takeContainers(line: string): { values: unknown[]; rest: string } {
  const values: unknown[] = [];
  let rest = "";
  let from = 0;
  for (let tries = 0, at = nextStart(line, 0); at >= 0 && tries < MOST_TRIES; tries++) {
    const end = endOf(line, at);
    const value = end === undefined ? undefined : parseContainer(line.slice(at, end));
    if (value !== undefined && end !== undefined) {
      values.push(value);
      rest += line.slice(from, at);
      from = end;
    }
    at = nextStart(line, value === undefined ? at + 1 : from);
  }
  return { values, rest: values.length > 0 ? `${rest} ${line.slice(from)}` : line };
}

const MOST_TRIES = 20;
const START = /\{\s*(?:["']|[A-Za-z_]\w*:\s)|\[\s*[{"']/g;
/** A string in any quotes, a word before a colon, a word of Python or JavaScript, a call around a value. */
const TOKENS =
  /"(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.)*)'|(?<![\w$])([A-Za-z_$][\w$]*)\s*:(?!:)|\b(None|True|False|undefined|nil|NaN)\b|(?<![\w.])[A-Za-z_][\w.]{0,60}\((["'][^"'()]*["'])\)|=>|,(?=\s*[\]}])/gs;
const WORDS: Record<string, string> = { True: "true", False: "false" };

function nextStart(line: string, from: number): number {
  START.lastIndex = from;
  return START.exec(line)?.index ?? -1;
}

/** The position after the bracket that closes the first one from `start` on; undefined when none does. */
function endOf(text: string, start: number): number | undefined {
  return new Brackets().read(text, start);
}

/** Counts the brackets outside of strings, over as many lines as are read. */
export class Brackets {
  #open = 0;
  #quote = "";

  /** The position after the bracket that closes the first one, when it is in this text. */
  read(text: string, start = 0): number | undefined {
    for (let at = start; at < text.length; at++) {
      const char = text[at] ?? "";
      if (char === "\\") at++;
      else if (this.#quote !== "") this.#quote = char === this.#quote ? "" : this.#quote;
      else if (char === '"' || (char === "'" && !/\w/.test(text[at - 1] ?? ""))) this.#quote = char;
      else if (char === "{" || char === "[") this.#open++;
      else if ((char === "}" || char === "]") && --this.#open === 0) return at + 1;
    }
    return undefined;
  }
}

function toJson(text: string): string {
  return text.replace(TOKENS, (token, single?: string, name?: string, word?: string, called?: string) => {
    if (single !== undefined) return JSON.stringify(single.replaceAll(/\\(['"])/g, "$1"));
    if (name !== undefined) return `${JSON.stringify(name)}:`;
    if (word !== undefined) return WORDS[word] ?? "null";
    if (called !== undefined) return JSON.stringify(called.slice(1, -1));
    return token === "=>" ? ":" : token === "," ? "" : token;
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
