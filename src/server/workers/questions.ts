import { DATA_QUESTIONS } from "../archive-data/data-questions.ts";
import { FEED_QUESTIONS } from "../feed/feed-question.ts";
import { METRICS_QUESTIONS } from "../metrics/metrics-question.ts";
import { MARK_QUESTIONS } from "../marks/mark-questions.ts";
import { MEDIA_QUESTIONS } from "../media/media-questions.ts";
import { PASS_ON_QUESTIONS } from "../pass-on/pass-on-questions.ts";
import { REPLAY_QUESTIONS } from "../replay/replay-questions.ts";
import { REST_QUESTIONS } from "../rest/rest-questions.ts";

/** Every question that a worker answers, by its name. Its answer becomes JSON. */
export const QUESTIONS = {
  ...DATA_QUESTIONS,
  ...FEED_QUESTIONS,
  ...METRICS_QUESTIONS,
  ...MARK_QUESTIONS,
  ...MEDIA_QUESTIONS,
  ...REPLAY_QUESTIONS,
  ...PASS_ON_QUESTIONS,
  ...REST_QUESTIONS,
};

export type QuestionName = keyof typeof QUESTIONS;
export type QuestionInput<Name extends QuestionName> = Parameters<(typeof QUESTIONS)[Name]>[1];
