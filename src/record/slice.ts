/** Thrown for text that is not JSON; the message says where. */
export class NotJsonError extends Error {}

/** One value inside a JSON text: the exact characters from `start` to `end`, and how deep it nests. */
export type Slice = { key: string | undefined; start: number; end: number; depth: number };

const QUOTE = 34;
const BACKSLASH = 92;
/** Far more than anybody asks for at once; a million empty items would take half a gigabyte. */
const MOST_RECORDS = 2000;
/** What JSON calls white space: tab, line feed, carriage return, space. */
const BLANKS = new Set([9, 10, 13, 32]);

/**
 * The records in an API answer, as the exact characters received: the entries of `items`, or the body itself when it
 * has none. Numbers such as `1.0`, integers of 20 digits and `\u2019` escapes survive, since only the positions
 * of the braces are parsed here. Throws NotJsonError.
 */
export function sliceRecords(body: string): { batch: boolean; records: string[] } {
  const start = skipBlanks(body, body.charCodeAt(0) === 0xfeff ? 1 : 0);
  if (body[start] !== "{")
    throw new NotJsonError(`the answer is no JSON object: it begins with ${JSON.stringify(body.slice(0, 40))}`);
  const members = sliceMembers(body, start, MOST_RECORDS);
  const items = members.findLast((member) => member.key === "items");
  if (body.slice(members.end).trim() !== "") throw new NotJsonError("the answer goes on after its JSON ends");
  if (!items || body[items.start] !== "[") return { batch: false, records: [body.slice(start, members.end)] };
  checkEnvelope(body, start, items, members.end);
  return {
    batch: true,
    records: sliceMembers(body, items.start, MOST_RECORDS).map((item) => body.slice(item.start, item.end)),
  };
}

/**
 * The members of the object or array that begins at `start`; `end` is the position after its closing bracket. Throws
 * NotJsonError, also for more than `most` of them.
 */
export function sliceMembers(text: string, start: number, most = Infinity): Slice[] & { end: number } {
  const object = text[start] === "{";
  const members: Slice[] = [];
  let at = skipBlanks(text, start + 1);
  while (text[at] !== (object ? "}" : "]")) {
    if (members.length > 0) at = skipBlanks(text, expect(text, at, ","));
    let key: string | undefined;
    if (object) {
      const end = skipString(text, at);
      key = readKey(text.slice(at, end));
      at = skipBlanks(text, expect(text, skipBlanks(text, end), ":"));
    }
    const { end, depth } = skipValue(text, at);
    members.push({ key, start: at, end, depth });
    if (members.length > most) throw new NotJsonError(`the answer has more than ${most} parts`);
    at = skipBlanks(text, end);
  }
  return Object.assign(members, { end: at + 1 });
}

/** How many brackets deep a JSON text nests, and whether a number in it may be too long for a double. */
export function measure(text: string): { depth: number; longNumber: boolean } {
  const { depth, longNumber = false } = skipValue(text, skipBlanks(text, 0));
  return { depth, longNumber };
}

function readKey(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch (cause) {
    throw new NotJsonError(`the answer is no JSON: ${(cause as Error).message}`, { cause });
  }
}

function checkEnvelope(body: string, start: number, items: Slice, end: number): void {
  const envelope = `${body.slice(start, items.start)}0${body.slice(items.end, end)}`;
  try {
    JSON.parse(envelope);
  } catch (cause) {
    throw new NotJsonError(`the answer is no JSON: ${(cause as Error).message}`, { cause });
  }
}

function skipValue(text: string, start: number): { end: number; depth: number; longNumber?: boolean } {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return { end: skipString(text, start), depth: 0 };
  if (first !== 0x7b && first !== 0x5b) return { end: skipWord(text, start), depth: 0 };
  let open = 0;
  let depth = 0;
  let digits = 0;
  let longNumber = false;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    digits = code >= 0x30 && code <= 0x39 ? digits + 1 : 0;
    if (digits >= 16) longNumber = true;
    if (code === QUOTE) at = skipString(text, at) - 1;
    else if (code === 0x7b || code === 0x5b) depth = Math.max(depth, ++open);
    else if ((code === 0x7d || code === 0x5d) && --open === 0) return { end: at + 1, depth, longNumber };
  }
  throw new NotJsonError("the answer is cut: a bracket is not closed");
}

function skipString(text: string, start: number): number {
  if (text.charCodeAt(start) !== QUOTE) throw new NotJsonError(`the answer is no JSON: expected a string at ${start}`);
  let at = text.indexOf('"', start + 1);
  while (at !== -1) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at + 1;
    at = text.indexOf('"', at + 1);
  }
  throw new NotJsonError("the answer is cut: a string is not closed");
}

function skipWord(text: string, start: number): number {
  let at = start;
  while (at < text.length && !/[\s,:\]}]/.test(text[at] as string)) at++;
  if (at === start) throw new NotJsonError(`the answer is no JSON: expected a value at ${start}`);
  return at;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (BLANKS.has(text.charCodeAt(at))) at++;
  return at;
}

function expect(text: string, at: number, char: string): number {
  if (text[at] !== char)
    throw new NotJsonError(
      at >= text.length ? "the answer is cut" : `the answer is no JSON: expected ${char} at ${at}`,
    );
  return at + 1;
}
