import type { TaskRow, TrackedTaskRow } from "../../db/schema.ts";
import { isoMinute } from "../../lib/time/dates.ts";
import { STALE_AFTER_MS } from "../../record/schedule.ts";
import { ruleSentence } from "./why-rules.ts";

/** What the archive knows about one task. */
export type TaskFacts = {
  id: string;
  task: TaskRow | undefined;
  tracked: TrackedTaskRow | undefined;
  documents: { version: number; kind: string; fetchedAt: number }[];
};

const ENDED_STATES = ["succeeded", "partial", "failed"];

/** Sentences about when the task was fetched, what came back, and which rule gave its state. `now` is milliseconds UTC. */
export function taskSentences(facts: TaskFacts, now: number): string[] {
  return [...requests(facts), ...documents(facts), ...stateReasons(facts, now), ...vanished(facts)];
}

/** One sentence about what happens next and when. */
export function taskNext({ id, task, tracked, documents }: TaskFacts): string {
  if (!tracked) return `It is not fetched; \`producer-mirror track ${id}\` tracks it.`;
  if (tracked.untrackedAt !== null)
    return `It is no longer fetched; what is mirrored stays. \`producer-mirror track ${id}\` tracks it again.`;
  if (tracked.attempts === 0 && documents.length > 0)
    return "Only a result came, from a callback or a saved response: the next sync fetches the whole record.";
  const state = tracked.state;
  if (task && ENDED_STATES.includes(state))
    return `It has ended: only \`producer-mirror sync --refresh ${id}\` fetches it again.`;
  const waits = tracked.nextCheckAt === null ? "" : `; \`watch\` not before ${isoMinute(tracked.nextCheckAt)}`;
  return `The next sync fetches it${waits}.`;
}

function requests({ tracked }: TaskFacts): string[] {
  if (!tracked) return ["It is not tracked."];
  const since = `Tracked since ${isoMinute(tracked.addedAt)} (${tracked.source})`;
  const until = tracked.untrackedAt === null ? "" : `, untracked at ${isoMinute(tracked.untrackedAt)}`;
  if (tracked.attempts === 0) return [`${since}${until}; it was never fetched.`];
  const last = tracked.lastCheckedAt === null ? "" : `, the last time at ${isoMinute(tracked.lastCheckedAt)}`;
  return [`${since}${until}; fetched ${times(tracked.attempts)}${last}.`];
}

function documents({ task, tracked, documents: versions }: TaskFacts): string[] {
  const sentences: string[] = [];
  const current = versions.find(({ version }) => version === task?.documentVersion);
  if (current) {
    const rest = versions.length - 1;
    const others = rest === 0 ? "" : `; ${rest} other ${rest === 1 ? "version is" : "versions are"} saved`;
    sentences.push(
      `The current data came at ${isoMinute(current.fetchedAt)} as a ${current.kind} (version ${current.version}${others}).`,
    );
  }
  if (tracked?.lastError) sentences.push(`The last time it was fetched, it could not be read: ${tracked.lastError}.`);
  return sentences;
}

function stateReasons({ task, tracked }: TaskFacts, now: number): string[] {
  if (!task) return unanswered(tracked);
  const state =
    task.state === "pending"
      ? "running"
      : task.state === "partial"
        ? "partial (a song is there, but not all went well)"
        : task.state;
  const sentences = [`It is ${state} because ${ruleSentence(task.stateReason)}.`];
  const error = [task.errorCode, task.errorMessage && `"${task.errorMessage}"`].filter(Boolean).join(": ");
  if (error) sentences.push(`The service says: ${error}.`);
  if (task.state === "pending" && now - (task.createdAt ?? tracked?.addedAt ?? now) > STALE_AFTER_MS)
    sentences.push(
      "It has been open for more than a day, so it is called stale and fetched once a day; it may never end.",
    );
  return sentences;
}

function unanswered(tracked: TrackedTaskRow | undefined): string[] {
  if (!tracked || (tracked.attempts === 0 && tracked.state === "pending"))
    return ["It was never asked for, so nothing is known of it."];
  const runs = `${tracked.notSeen} ${tracked.notSeen === 1 ? "run" : "runs"} in a row`;
  if (tracked.state === "missing")
    return [
      `It is unknown upstream: the API did not know it in ${runs} (since ${isoMinute(tracked.missingSince)}); after 3 runs it is called missing.`,
    ];
  if (tracked.notSeen > 0)
    return [
      `It is unknown upstream so far: the API did not know it in ${runs}. A new task may not be known everywhere yet; after 3 runs it is called missing.`,
    ];
  return ["It was not answered: no readable response ever came."];
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
