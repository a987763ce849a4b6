import { isTaskId } from "./pick-ids.ts";
import { NotJsonError, sliceMembers } from "./slice.ts";

/** A record, or the body of a synchronous response or callback, in saved JSON: its exact text, its task id in lower case. */
export type FoundRecord = { kind: "record" | "result"; taskId: string; document: string };

/** Lists within lists deeper than this hold no records. */
const MOST_LISTS = 4;

/**
 * Every whole record in saved JSON: a task record, `{items: [...]}`, the body of a synchronous response or callback, arrays of
 * these, and the same line by line. Other text gives nothing.
 */
export function findRecords(input: string): FoundRecord[] {
  const text = input.replace(/^\uFEFF/, "");
  const whole = parse(text);
  if (whole !== undefined) return recordsIn(text.trim(), whole, 0);
  return text.split(/\r\n|\n|\r/).flatMap((line) => {
    const value = parse(line);
    return value === undefined ? [] : recordsIn(line.trim(), value, 0);
  });
}

function recordsIn(text: string, value: unknown, lists: number): FoundRecord[] {
  if (Array.isArray(value)) return membersOf(text, 0, lists);
  if (typeof value !== "object" || value === null) return [];
  const has = (name: string) => Object.hasOwn(value, name);
  const { id, task_id: taskId, items } = value as { id?: unknown; task_id?: unknown; items?: unknown };
  if (isTaskId(id) && (has("request") || has("response")))
    return [{ kind: "record", taskId: id.toLowerCase(), document: text }];
  if (Array.isArray(items)) return membersOf(text, startOf(text, "items"), lists);
  const hasOutcome = has("data") || has("success") || has("error");
  return isTaskId(taskId) && hasOutcome ? [{ kind: "result", taskId: taskId.toLowerCase(), document: text }] : [];
}

function membersOf(text: string, start: number, lists: number): FoundRecord[] {
  if (lists >= MOST_LISTS) return [];
  return sliceMembers(text, start).flatMap((member) => {
    const slice = text.slice(member.start, member.end);
    return recordsIn(slice, parse(slice), lists + 1);
  });
}

function startOf(text: string, key: string): number {
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
