import type { Database } from "../../../src/db/connection.ts";

/** Texts that files and their readers get wrong. */
export const ODD_TEXTS = [
  "",
  " ",
  "NULL",
  "null",
  "Neon",
  "夜の海 🌊 e\u0301",
  'say "hi"',
  "a,b;c\td",
  "one\ntwo",
  "one\r\ntwo",
  "\r",
  "a\0b",
  "\0",
  "\\N",
  "\\",
  "'",
  "''",
  "x\ud800y",
  "a\ufeffmark", // not in front: DuckDB's binding for Node drops it there
  "\u001b[2J\u0085\u202e\u2028",
  "=1+1",
  "+1",
  "-1",
  "@SUM(A1)",
  "\t=1",
  "\rx",
  "\n=1",
  '"=1+1',
  "＝1+1",
  "＋1",
  "－1",
  "＠x",
  " =1+1",
  "007",
  "1e5",
  "true",
  "2026-01-01",
  "x".repeat(100_000),
];

/** A task, its document and as many clips as there are odd texts, with numbers at the edges of their types. */
export function insertOddRows({ $client: client }: Database): void {
  client.exec(`
    insert into tracked_tasks (task_id, source, added_at) values ('t1', 'test', 9007199254740993);
    insert into tasks (id, state, document_version, first_seen_at, updated_at, instrumental, created_at, elapsed_seconds,
      callback_url, user_id, trace_id, api_id, application_id, credential_id)
    values ('t1', 'succeeded', 1, 1, 9223372036854775807, 1, -9223372036854775808, 1.0,
      'https://hook.example/secret-94', 'user-94', 'trace-94', 'api-94', 'application-94', 'credential-94');
    insert into task_documents values ('t1', 1, 'record', 1, 'ab', '{"callback_url":"https://hook.example/secret-94"}');
    insert into assets (task_id, clip_id, kind, url) values ('t1', null, 'audio', 'https://cdn.example/a.m4a?sig=secret-94');
  `);
  const clip = client.prepare(`
    insert into clips (id, task_id, title, lyric, state, duration_seconds, created_at, audio_url, first_seen_at, updated_at)
    values (?, 't1', ?, ?, 'succeeded', ?, ?, 'https://cdn.example/a.m4a?sig=secret-94#x', 1, 1)`);
  const reals = [0.1, 1, -0.0, 1e300, 5e-324, -2.5, 123456789012345680, null];
  const integers = [0n, 1n, -1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 1795626366082n, null];
  ODD_TEXTS.forEach((text, at) => {
    const name = String(at).padStart(3, "0");
    clip.run(`c${name}`, text, at % 3 ? text : null, reals[at % reals.length], integers[at % integers.length]);
  });
}
