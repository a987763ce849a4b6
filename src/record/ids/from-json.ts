import { hasUuid, isUuid, NO_KEY, type Collector } from "./collector.ts";
import { isIdKey, keyKind, textUnder, type KeyKind } from "./key-kind.ts";

/** Reads a string of a JSON document as text; `strict`: only what it names as a task's id. */
export type ReadText = (text: string, strict: boolean) => void;

/** Where a value is: under which key, of which thing, and whether that is a record of the API. */
type Node = { value: unknown; key: string; owner: KeyKind; inRecord: boolean };

/**
 * The task ids in a JSON value: what has a task's key, `id` of a record of the API, `ids`, and bare strings in an array
 * whose name is of nothing else. Strings under any other key are read as text, but for the texts of songs.
 */
export function pickFromJson(root: unknown, found: Collector, readText: ReadText): void {
  const open: Node[] = [{ value: root, key: "", owner: "text", inRecord: false }];
  for (let next = open.pop(); next; next = open.pop()) {
    if (Array.isArray(next.value)) open.push(...members(next.value, next, found, readText).reverse());
    else if (typeof next.value === "object" && next.value !== null)
      open.push(...fields(next.value as Record<string, unknown>, next, found, readText).reverse());
  }
}

function members(list: unknown[], { key, owner, inRecord }: Node, found: Collector, readText: ReadText): Node[] {
  const bytes = bytesOf(list);
  if (bytes !== undefined && !inRecord) readText(bytes, false);
  const kind = kindOf(key, owner);
  const isNamed = kind === "task" || (kind === "id" && /^ids$/i.test(key));
  for (const member of list) {
    if (typeof member !== "string") continue;
    const isId = isUuid(member.trim());
    if (isNamed && (isIdKey(key) || isId)) found.claim(member, key);
    else if (isId && (kind === "other" || kind === "id")) found.leave(member.trim(), key);
    else if (isId) found.add(member.trim());
    else read(member, key, inRecord, readText);
  }
  return list.filter((member) => typeof member === "object").map((value) => ({ value, key, owner, inRecord }));
}

function fields(object: Record<string, unknown>, node: Node, found: Collector, readText: ReadText): Node[] {
  const isRecord = isTaskRecord(object);
  const inRecord = node.inRecord || isRecord;
  const owner = node.key === "" ? node.owner : kindOf(node.key, node.owner);
  const nodes: Node[] = [];
  for (const [key, value] of pairs(object)) {
    if (isUuid(key) && owner === "task") found.add(key, node.key);
    if (typeof value !== "string") nodes.push({ value, key, owner, inRecord });
    else if (isRecord && key === "id") found.claim(value, "id");
    else if (value !== "") field(key, value, { owner, inRecord }, found, readText);
  }
  return nodes;
}

type Around = Pick<Node, "owner" | "inRecord">;

function field(key: string, value: string, { owner, inRecord }: Around, found: Collector, readText: ReadText): void {
  const kind = kindOf(key, owner);
  const isId = isUuid(value.trim());
  if (kind === "task" && (isId || isIdKey(key))) found.claim(value, key);
  else if (/^ids$/i.test(key) && kind === "id") found.claim(value, key);
  else if (!isId) read(value, key, inRecord, readText);
  else if (kind === "text" && !inRecord && textUnder(key) === "plain") found.add(value.trim(), NO_KEY);
  else found.leave(value.trim(), key);
}

function read(text: string, key: string, inRecord: boolean, readText: ReadText): void {
  if (inRecord || !hasUuid(text)) return;
  const how = textUnder(key);
  if (how !== "none") readText(text, how === "strict");
}

/** `id` alone is what its object is. */
function kindOf(key: string, owner: KeyKind): KeyKind {
  const kind = keyKind(key);
  return kind === "id" && (owner === "task" || owner === "other") ? owner : kind;
}

/** A task's record of the API, or a question for one; not the log line of a web server, which has a request too. */
function isTaskRecord(object: Record<string, unknown>): boolean {
  const { request, action } = object;
  if (typeof action === "string" && action.startsWith("retrieve")) return true;
  if (!Object.hasOwn(object, "request") && !Object.hasOwn(object, "response")) return false;
  const { method, url, uri, path } = (request ?? {}) as Record<string, unknown>;
  return typeof method !== "string" || typeof (url ?? uri ?? path) !== "string";
}

/** The members of an object; `{"key": "task_id", "value": "…"}` is one member. */
function pairs(object: Record<string, unknown>): [string, unknown][] {
  const { key, Key, name, Name, value, Value } = object;
  const label = key ?? Key ?? name ?? Name;
  const labelled = value ?? Value;
  if (typeof label !== "string" || labelled === undefined || isUuid(label)) return Object.entries(object);
  const { stringValue } = (labelled ?? {}) as { stringValue?: unknown };
  return [[label, stringValue ?? labelled]];
}

/** The system's log gives a text with colours as a list of bytes. */
function bytesOf(list: unknown[]): string | undefined {
  const isByte = (one: unknown) => typeof one === "number" && Number.isInteger(one) && one >= 0 && one < 256;
  return list.length >= 36 && list.every(isByte) ? Buffer.from(list as number[]).toString() : undefined;
}
