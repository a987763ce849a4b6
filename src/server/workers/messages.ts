/** What a worker is asked: the name of a question of `questions.ts`, and what it takes. */
export type Asked = { id: number; question: string; input: unknown };

/** `text` is JSON; an error carries what an HTTP answer says of it. */
export type Answered = { id: number } & ({ text: string } | { error: AskedError });

export type AskedError = { code: string; exit: number; message: string; hint: string | null };
