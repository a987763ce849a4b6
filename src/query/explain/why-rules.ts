import type { Reason } from "../../record/state.ts";

/** The reason that each rule of record/state.ts stands for, as a clause after "because". */
const RULES: Record<Reason, string> = {
  error_code: "the record has an error with a code, which ends a task at once",
  success_false: "the record has ended and says `success: false`",
  error_text: "the record has ended and has an error",
  open_word: "a state word in the record says that the work is still going on",
  unknown_word: "the record has a state word that no rule knows, so the task does not count as done",
  failed_word: "a state word in the record says that it failed",
  no_response: "the record has no response yet",
  no_data: "the response has no data yet",
  no_media:
    "its record says that it is done, but one of its clips has no audio, video, wav or stems URL; a cover alone is not a song",
  no_media_yet: "the record has ended, but has no file URL yet and does not say `success: true`",
  not_finished: "nothing in the record says that the work has ended",
  clips_done: "every clip is marked as done and has a file URL",
  finished_with_media: "the record has a finish time and a file URL",
  data: "it is not a song task: the response has data and shows that the work has ended",
};

/** The clause of a stored reason, to follow "because"; a reason that only another version of this program knows is quoted. */
export function ruleSentence(reason: string | null): string {
  if (reason === null) return "an earlier version of this program decided so without recording a reason";
  return Object.hasOwn(RULES, reason)
    ? RULES[reason as Reason]
    : `of a rule that this version does not know (${reason})`;
}
