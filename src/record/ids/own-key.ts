import { keyKind, type KeyKind } from "./key-kind.ts";

/** The name directly before a uuid in text, and what it says; no name in plain text. */
export type OwnKey = { name?: string; kind: KeyKind };

/** Quotes and brackets that may open before a value. */
const OPENERS = /[\s"'`“‘«\\<([{*]+$/u;
/** Calls around a value: `UUID('…')`, `cast('…' as uuid)`. */
const CALLS = /(?:\b(?:uuid\.)?(?:uuid|guid|objectid|str|string|repr|cast|to_uuid|uuid_to_bin)\s*\(\s*|\burn:uuid:)$/i;
/** The letter before a string of Python or SQL. */
const STRING_PREFIX = /(?<![\p{L}\p{N}_])[bunrfx]$/iu;
const OPERATOR = /\s*(=>|->|:=|==|=|:)\s*$/;
const CLOSERS = /(?:["'`”’»\])}\\*\s]|<\/[\w:.-]*>)+$/u;
const NAME = /[\p{L}\p{N}_@$.\-[\]]+$/u;
const OPEN_TAG = /<([a-z][\w:.-]*)(\s[^<>]*)?>$/i;
const CLOSE_TAG = /<\/[\w:.-]+>$/;
/** Tags of a page, whose names say nothing of what is in them. */
const PAGE_TAGS = /^(?:span|audio|video|image|track|object|data|input|output|time|label|form|body|a|b|i|p)$/i;
/** Far enough for any key. */
const LOOK_BACK = 240;

/**
 * The own key of what comes after `before`: `name=`, `"name": `, `<name>`, `name: `, `the name `. A name before `=` or in
 * quotes is a key whatever it is; before a colon or a blank it may be any word, so only words for things with ids count.
 */
export function ownKey(before: string): OwnKey {
  let rest = peel(before.slice(-LOOK_BACK));
  for (let tag = OPEN_TAG.exec(rest) ?? CLOSE_TAG.exec(rest); tag; tag = OPEN_TAG.exec(rest) ?? CLOSE_TAG.exec(rest)) {
    const named = tag[1] === undefined ? undefined : tagKey(tag[1], tag[2] ?? "");
    if (named) return named;
    rest = peel(rest.slice(0, tag.index));
  }
  const operator = OPERATOR.exec(rest);
  if (operator) return keyBefore(rest.slice(0, operator.index), operator[1] ?? "");
  const attached = /([\p{L}\p{N}]+)[_-]$/u.exec(rest);
  return attached ? wordKey(attached[1] ?? "") : proseKey(rest);
}

function peel(before: string): string {
  let rest = before;
  for (let length = -1; length !== rest.length;) {
    length = rest.length;
    rest = rest.replace(OPENERS, "");
    if (rest.length !== before.length) rest = rest.replace(STRING_PREFIX, "").replace(CALLS, "");
    rest = rest.replace(CALLS, "");
  }
  return rest;
}

/** `<task_id>`, `<td class="user">`; a tag that names nothing is passed over. */
function tagKey(tag: string, attributes: string): OwnKey | undefined {
  const values = [...attributes.matchAll(/\s(?:class|name|id|title|itemprop|headers|data-[\w-]+)=["']?([\w .-]+)/gi)];
  const names = values.map(([, value = ""]) => value);
  for (const name of PAGE_TAGS.test(tag) ? names : [tag, ...names]) {
    const kind = keyKind(name);
    if (kind === "task" || kind === "other") return { name, kind };
  }
  return undefined;
}

function keyBefore(before: string, operator: string): OwnKey {
  const isQuoted = /["'`”\\]\s*$/u.test(before);
  const inner = before.replace(CLOSERS, "");
  const name = withWordBefore(inner, NAME.exec(inner)?.[0] ?? "");
  const kind = keyKind(name);
  // `<input name="task_id" value="…">`
  if (kind === "text" && /^value$/i.test(name)) return attributeKey(before) ?? { name, kind };
  if (kind === "id") return idOf(inner, name);
  if (kind !== "unknown") return kind === "text" ? { kind } : { name, kind };
  return operator.includes("=") || isQuoted ? { name, kind: "other" } : { kind: "text" };
}

function attributeKey(before: string): OwnKey | undefined {
  const [, name] = /<[a-z][^<>]*\sname=["']?([\w.-]+)[^<>]*$/i.exec(before) ?? [];
  return name === undefined ? undefined : { name, kind: keyKind(name) };
}

/** `request id: …` has the key `request id`. */
function withWordBefore(text: string, name: string): string {
  if (name === "" || keyKind(name) !== "id") return name;
  const [, before] = /([\p{L}\p{N}_-]+)[ \t]+$/u.exec(text.slice(0, text.length - name.length)) ?? [];
  return before !== undefined && isNaming(before) ? `${before} ${name}` : name;
}

/** `user: {id: …`, `Task(id=…`, `<user id=…`: what the id belongs to. */
function idOf(text: string, name: string): OwnKey {
  const outer = text.slice(0, text.length - name.length);
  const [, tag] = /<([\w:.-]+)\s[^<>]*$/.exec(outer) ?? [];
  const [, owner] = /([\p{L}\p{N}_.-]+)["'`\\]*\s*(?:=>|[:=])?\s*[{([]+\s*["'`\\]*$/u.exec(outer) ?? [];
  const thing = tag ?? owner;
  if (thing === undefined || !isNaming(thing)) return { name, kind: "id" };
  return { name: `${thing}.${name}`, kind: keyKind(thing) };
}

function proseKey(rest: string): OwnKey {
  const [token = ""] = /\S+$/.exec(rest) ?? [];
  const word = token.replace(/^[("'`[{<*#-]+/, "").replace(/#$/, "");
  if (!/^[\p{L}_@$][\p{L}\p{N}_.@$-]*$/u.test(word) || word.endsWith(".")) return { kind: "text" };
  return wordKey(withWordBefore(rest, word));
}

function wordKey(word: string): OwnKey {
  const kind = keyKind(word);
  if (kind === "task" || kind === "other") return { name: word, kind };
  return kind === "id" ? { name: word, kind } : { kind: "text" };
}

function isNaming(name: string): boolean {
  const kind = keyKind(name);
  return kind === "task" || kind === "other";
}
