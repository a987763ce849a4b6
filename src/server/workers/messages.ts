import type { ServerEvent } from "../events/event-text.ts";

/** What a worker is asked: the name of a question of `questions.ts`, and what it takes. */
export type Asked = { id: number; question: string; input: unknown };

/** What happened while a worker answered. */
export type Announced = { event: ServerEvent };

/** `text` is JSON; an error carries what an HTTP answer says of it. */
export type Answered = { id: number } & ({ text: string } | { error: AskedError });

export type AskedError = { code: string; exit: number; message: string; hint: string | null };
