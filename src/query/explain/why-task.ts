import type { TaskRow, TrackedTaskRow } from "../../db/schema.ts";
import { isoMinute } from "../../lib/time/dates.ts";
import { STALE_AFTER_MS } from "../../record/schedule.ts";
import { ruleSentence } from "./why-rules.ts";

/** What the archive holds of one task; `versions` counts its kept documents. */
export type TaskFacts = {
  id: string;
  task: TaskRow | undefined;
  tracked: TrackedTaskRow | undefined;
  documents: { version: number; kind: string; fetchedAt: number }[];
};

const SETTLED = ["succeeded", "partial", "failed"];

/** When it was asked, what came back, and which rule made it what it is. `now` in milliseconds UTC. */
export function taskSentences(facts: TaskFacts, now: number): string[] {
  return [...asked(facts), ...answered(facts), ...judged(facts, now), ...vanished(facts)];
}

/** What is tried next and when; one sentence. */
export function taskNext({ id, task, tracked, documents }: TaskFacts): string {
  if (!tracked) return `Nothing asks for it: \`producer-mirror track ${id}\` does.`;
  if (tracked.untrackedAt !== null)
    return `Nothing asks for it any more; what is mirrored stays. \`producer-mirror track ${id}\` takes it up again.`;
  if (tracked.attempts === 0 && documents.length > 0)
    return "Only a result came, by a callback or a saved answer: the next sync asks for the whole record.";
  const state = tracked.state;
  if (task && SETTLED.includes(state))
    return `It is settled: only \`producer-mirror sync --refresh ${id}\` asks for it again.`;
  const waits = tracked.nextCheckAt === null ? "" : `; \`watch\` not before ${isoMinute(tracked.nextCheckAt)}`;
  return `The next sync asks for it${waits}.`;
}

function asked({ tracked }: TaskFacts): string[] {
  if (!tracked) return ["It is not tracked."];
  const since = `Tracked since ${isoMinute(tracked.addedAt)} (${tracked.source})`;
  const until = tracked.untrackedAt === null ? "" : `, untracked at ${isoMinute(tracked.untrackedAt)}`;
  if (tracked.attempts === 0) return [`${since}${until}; it was never asked for.`];
  const last = tracked.lastCheckedAt === null ? "" : `, the last time at ${isoMinute(tracked.lastCheckedAt)}`;
  return [`${since}${until}; asked for ${times(tracked.attempts)}${last}.`];
}

function answered({ task, tracked, documents }: TaskFacts): string[] {
  const said: string[] = [];
  const current = documents.find(({ version }) => version === task?.documentVersion);
  if (current) {
    const rest = documents.length - 1;
    const kept = rest === 0 ? "" : `; ${rest} other ${rest === 1 ? "version is" : "versions are"} kept`;
    said.push(
      `What is here came at ${isoMinute(current.fetchedAt)} as a ${current.kind} (version ${current.version}${kept}).`,
    );
  }
  if (tracked?.lastError) said.push(`The last time it was asked for, it could not be read: ${tracked.lastError}.`);
  return said;
}

function judged({ task, tracked }: TaskFacts, now: number): string[] {
  if (!task) return unanswered(tracked);
  const state = task.state === "partial" ? "partial (a song is there, but not all went well)" : task.state;
  const said = [`It is ${state} because ${ruleSentence(task.stateReason)}.`];
  const error = [task.errorCode, task.errorMessage && `"${task.errorMessage}"`].filter(Boolean).join(": ");
  if (error) said.push(`The service says: ${error}.`);
  if (task.state === "pending" && now - (task.createdAt ?? tracked?.addedAt ?? now) > STALE_AFTER_MS)
    said.push(
      "It has been open for more than a day, so it is called stale and asked for once a day; it may never end.",
    );
  return said;
}

function unanswered(tracked: TrackedTaskRow | undefined): string[] {
  if (!tracked || (tracked.attempts === 0 && tracked.state === "pending"))
    return ["It is pending because no answer ever came."];
  const runs = `${tracked.notSeen} ${tracked.notSeen === 1 ? "run" : "runs"} in a row`;
  if (tracked.state === "missing")
    return [
      `It is missing because the API did not know it in ${runs} (since ${isoMinute(tracked.missingSince)}); 3 are enough.`,
    ];
  if (tracked.notSeen > 0)
    return [
      `It is pending: the API did not know it in ${runs}. A new task may not be known everywhere yet; after 3 it is called missing.`,
    ];
  return ["It is pending because nothing readable ever came."];
}

function vanished({ task, tracked }: TaskFacts): string[] {
  if (!task || !tracked?.missingSince) return [];
  return [
    `The API has not known it since ${isoMinute(tracked.missingSince)}; what is mirrored keeps its state and stays.`,
  ];
}

function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}
