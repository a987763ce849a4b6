import { NotJsonError, sliceMembers } from "./slice.ts";

/** A record or the body of a synchronous answer or callback, found in saved JSON: its exact characters and its task id. */
export type Found = { kind: "record" | "result"; taskId: string; document: string };

/**
 * Every whole record in saved JSON: a task record, `{items: [...]}`, a synchronous answer or callback body, arrays of
 * these, and the same line by line. Text that is none of these gives nothing.
 */
export function findRecords(input: string): Found[] {
  const text = input.replace(/^\uFEFF/, "");
  const whole = parse(text);
  if (whole !== undefined) return consider(text.trim(), whole);
  return text.split(/\r\n|\n|\r/).flatMap((line) => {
    const value = parse(line);
    return value === undefined ? [] : consider(line.trim(), value);
  });
}

function consider(text: string, value: unknown): Found[] {
  if (Array.isArray(value)) return membersOf(text, 0);
  if (typeof value !== "object" || value === null) return [];
  const has = (name: string) => Object.hasOwn(value, name);
  const { id, task_id: taskId, items } = value as { id?: unknown; task_id?: unknown; items?: unknown };
  if (typeof id === "string" && id !== "" && (has("request") || has("response"))) return [{ kind: "record", taskId: id, document: text }];
  if (Array.isArray(items)) return membersOf(text, placeOf(text, "items"));
  const told = has("data") || has("success") || has("error");
  return typeof taskId === "string" && taskId !== "" && told ? [{ kind: "result", taskId, document: text }] : [];
}

function membersOf(text: string, start: number): Found[] {
  return sliceMembers(text, start).flatMap((member) => {
    const slice = text.slice(member.start, member.end);
    return consider(slice, parse(slice));
  });
}

function placeOf(text: string, key: string): number {
  const member = sliceMembers(text, 0).findLast((candidate) => candidate.key === key);
  if (!member) throw new NotJsonError(`no ${key} in this JSON`);
  return member.start;
}

function parse(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
