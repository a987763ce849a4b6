import type { Reader } from "../../app/archive.ts";
import type { Config } from "../../config.ts";
import { DATA_QUESTIONS } from "../data/data-questions.ts";

/** What a question is asked about: the archive of the worker, and the settings without secrets. */
export type About = Reader & { config: Config };

/** Every question that a worker answers, by its name. Its answer becomes JSON. */
export const QUESTIONS = { ...DATA_QUESTIONS };

export type QuestionName = keyof typeof QUESTIONS;
export type QuestionInput<Name extends QuestionName> = Parameters<(typeof QUESTIONS)[Name]>[1];
