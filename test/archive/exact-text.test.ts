import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRecordSaver } from "../../src/archive/records.ts";
import { sliceRecords } from "../../src/record/slice.ts";
import { readRecord } from "../../src/record/wire.ts";
import { fixtureText } from "../helpers/fixture.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import { incoming, NOW, rows } from "./saving.ts";

const blank = fc.string({ unit: fc.constantFrom(" ", "\n", "\t", "\r"), maxLength: 2 });
const odd = fc.constantFrom("1.0", "-0", "1E5", "12345678901234567890", '"\\u2019"', '"\\ud800"', '"\\u0000"', '"\\/"');
const anyJson = fc.oneof(fc.json({ maxDepth: 3 }), odd);
const name = fc.oneof(fc.constantFrom("request", "response", "title", "__proto__", "constructor"), fc.string());
const field = fc
  .tuple(name, blank, anyJson)
  .map(([key, space, json]) => `${JSON.stringify(key)}${space}:${space}${json}`);
/** The id comes last: a random field of that name would hide it. */
const document = fc
  .tuple(fc.uuid(), blank, fc.array(field, { maxLength: 5 }))
  .map(([id, space, fields]) => `{${space}${[...fields, `"id"${space}:"${id}"`].join(`,${space}`)}${space}}`);

function journalled(home: string): { taskId: string; document: string; sha256: string }[] {
  const folder = join(home, "journal");
  const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"));
  const documents = lines.filter((line) => line.includes('"type":"document"'));
  return documents.map((line) => JSON.parse(line) as { taskId: string; document: string; sha256: string });
}

function saveBody({ db, journal }: TemporaryArchive, body: string): void {
  const save = createRecordSaver(db, journal);
  const readable = sliceRecords(body).records.filter((text) => "record" in readRecord(text));
  save(
    readable.map((text) => incoming(text)),
    { now: NOW, nextCheckAt: () => null },
  );
}

describe("exact text", () => {
  it("is the same from the answer through the journal to the row, for any records and any envelope", () => {
    using archive = temporaryArchive();
    fc.assert(
      fc.property(
        fc.uniqueArray(document, {
          selector: (text) => (JSON.parse(text) as { id: string }).id,
          minLength: 1,
          maxLength: 5,
        }),
        blank,
        (documents, space) => {
          saveBody(archive, `{${space}"count":3,"items"${space}:[${space}${documents.join(`${space},`)}]${space}}`);
          const readable = documents.filter((text) => "record" in readRecord(text));
          for (const text of readable) {
            const { id } = JSON.parse(text) as { id: string };
            const kept = archive.db.$client
              .prepare("select document, sha256 from task_documents where task_id = ?")
              .get(id);
            expect(kept).toEqual({ document: text, sha256: createHash("sha256").update(text).digest("hex") });
          }
        },
      ),
      { numRuns: 60 },
    );
    const kept = rows(archive, "select task_id as taskId, document, sha256 from task_documents order by sha256");
    const reported = journalled(archive.home).map(({ taskId, document: text, sha256 }) => ({
      taskId,
      document: text,
      sha256,
    }));
    expect(reported.toSorted((one, other) => (one.sha256 < other.sha256 ? -1 : 1))).toEqual(kept);
    expect(kept.length).toBeGreaterThan(20);
  });

  it("keeps the record of the API's page as it is written there", () => {
    using archive = temporaryArchive();
    const text = fixtureText("retrieve.json").trim();
    saveBody(archive, `\uFEFF${text}\n`);
    expect(rows(archive, "select document from task_documents")).toEqual([{ document: text }]);
    expect(journalled(archive.home).map((line) => line.document)).toEqual([text]);
  });

  it("D57: keeps what SQLite and JSON find hard, in the text and in its columns", () => {
    using archive = temporaryArchive();
    const id = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
    const titles = [
      "a\u0000b",
      "lone \ud800 one",
      "\u202egnp.exe",
      "👩‍👩‍👧 zero\u200dwidth",
      `${"é".repeat(1_000_000)}`,
      `x${"\u0301".repeat(10_000)}`,
    ];
    const clips = titles.map((title, path) => ({
      id: `0000000${path}-0000-4000-8000-000000000000`,
      title,
      state: "succeeded",
      audio_url: "https://x/a",
    }));
    const text = JSON.stringify({ id, type: "audios", response: { data: clips } });
    saveBody(archive, text);
    expect(rows(archive, "select document from task_documents")).toEqual([{ document: text }]);
    const kept = archive.db.$client.prepare<[], string>("select title from clips order by id").pluck().all();
    expect(kept).toEqual(titles.map((title) => title.toWellFormed()));
    expect(rows(archive, "select count(*) as n from clips_fts where clips_fts match 'widthless OR zero*'")).toEqual([
      { n: 1 },
    ]);
  });

  it("D56: keeps keys that are also words of JavaScript, and changes no prototype", () => {
    using archive = temporaryArchive();
    const text =
      '{"id":"1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad","__proto__":{"type":"polluted","polluted":1},"constructor":{"prototype":{"polluted":1}},"hasOwnProperty":1,"response":{"__proto__":{"polluted":1},"data":[{"__proto__":{"title":"polluted"},"state":"succeeded","audio_url":"https://x/a"}]}}';
    saveBody(archive, `{"__proto__":{"polluted":1},"items":[${text}]}`);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(rows(archive, "select document from task_documents")).toEqual([{ document: text }]);
    expect(rows(archive, "select type, state from tasks")).toEqual([{ type: null, state: "succeeded" }]);
    expect(rows(archive, "select title from clips")).toEqual([{ title: null }]);
  });
});
