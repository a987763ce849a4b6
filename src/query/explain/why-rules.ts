import type { Reason } from "../../record/state.ts";

/** What each rule of record/state.ts goes by, to follow "because". */
const RULES: Record<Reason, string> = {
  error_code: "the record carries an error with a code, which ends a task at once",
  success_false: "the record has ended and says `success: false`",
  error_text: "the record has ended and carries an error",
  open_word: "a state word in the record says that the work goes on",
  unknown_word: "the record has a state word that no rule knows, and such a task is not taken for done",
  failed_word: "a state word in the record says that it failed",
  no_response: "the record has no response yet",
  no_data: "the response holds no data yet",
  no_media:
    "it is said to be done, but a clip of it has no audio, video, wav or stems address; a cover alone is no song",
  no_media_yet: "the record has ended, but has no file address yet and does not say `success: true`",
  not_finished: "nothing in the record says that the work has ended",
  clips_done: "every clip says that it is done and has a file address",
  finished_with_media: "the record has a time at which it finished, and a file address",
  data: "it is no song: the response has data, and a sign that the work has ended",
};

/** The rule of a kept reason, to follow "because"; a reason of another version of this program is given as it is. */
export function ruleSentence(reason: string | null): string {
  if (reason === null) return "an earlier version of this program said so, without its reason";
  return Object.hasOwn(RULES, reason)
    ? RULES[reason as Reason]
    : `of a rule that this version does not know (${reason})`;
}
