import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../../../src/lib/errors.ts";
import { shortId } from "../../../src/query/short-id.ts";
import { findId } from "../../../src/query/find-id.ts";
import { curlOf } from "../../../src/query/explain/curl.ts";
import { currentDocument } from "../../../src/query/explain/document.ts";
import { show } from "../../../src/query/explain/show.ts";
import { CREATED, makeLibrary, type Library } from "../library.ts";

const TASK = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const CLIP = "1dd08826-478e-43a6-868f-aff5ababac2c";
let library: Library;

beforeEach(() => {
  library = makeLibrary();
  library.task(TASK, { document: '{"id" : "x",  "big": 12345678901234567890}', continueAt: 12.5 });
  library.clip(CLIP, { taskId: TASK, title: "Neon" });
  library.clip(`${TASK}_0`, { taskId: TASK });
  library.file(CLIP, { taskId: TASK });
  library.file(CLIP, { taskId: TASK, kind: "image", state: "failed", nextAttemptAt: CREATED });
  library.tracked("1dd0ffff-0000-4000-8000-000000000000");
});
afterEach(() => library[Symbol.dispose]());

describe("findId", () => {
  it.each([
    ["an exact clip", CLIP, { kind: "clip", id: CLIP }],
    ["upper case", CLIP.toUpperCase(), { kind: "clip", id: CLIP }],
    ["the beginning of a clip", "1dd08", { kind: "clip", id: CLIP }],
    ["a task before the clips that bear its id", "1a6a", { kind: "task", id: TASK }],
    ["an exact task that is also a beginning", TASK, { kind: "task", id: TASK }],
    ["a clip that bears its task's id", `${TASK}_`, { kind: "clip", id: `${TASK}_0` }],
    ["one by the beginning of that task", "1a6a_0", { kind: "clip", id: `${TASK}_0` }],
    ["an id that is only tracked", "1dd0f", { kind: "task", id: "1dd0ffff-0000-4000-8000-000000000000" }],
  ])("finds %s", (_what, text, found) => {
    expect(findId(library.db, text)).toEqual(found);
  });

  it("is found by its short id: eight characters, or as many more as tell it from others", () => {
    library.tracked("1dd08826-478e-0000-0000-000000000000");
    expect(shortId(library.db, TASK)).toBe("1a6ac2ad");
    expect(shortId(library.db, `${TASK}_0`)).toBe("1a6ac2ad_0");
    expect(shortId(library.db, CLIP)).toBe("1dd08826-478e-43a6");
    library.clip("own-id");
    for (const id of [TASK, CLIP, `${TASK}_0`, "own-id"])
      expect(findId(library.db, shortId(library.db, id)).id).toBe(id);
  });

  it("lists what an ambiguous beginning could mean", () => {
    const error = thrown(() => findId(library.db, "1dd0"));
    expect(error).toMatchObject({ code: "ambiguous_id", exit: 2 });
    expect(error.hint).toContain(CLIP);
    expect(error.hint).toContain("1dd0ffff");
    expect(error.hint).toContain("Neon");
  });

  it.each(["", "  ", "nope", "1dd08826-478e-43a6-868f-aff5ababac2cX", "%", "1dd0_", "*"])(
    "does not find %j",
    (text) => {
      expect(() => findId(library.db, text)).toThrow(UsageError);
    },
  );

  it("gives back every id by itself and by every beginning that is its own", () => {
    const all = [
      ...new Set(
        fc.sample(
          fc.string({ unit: fc.constantFrom("a", "b", "_", "0", "é", "\u{1f600}"), minLength: 1, maxLength: 5 }),
          60,
        ),
      ),
    ];
    for (const id of all) library.tracked(id);
    for (const id of all) expect(findId(library.db, id).id).toBe(id);
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.nat(5), (id, length) => {
        const start = id.slice(0, length);
        if (!start.trim() || !start.isWellFormed() || all.includes(start)) return;
        const matches = all.filter((one) => one.startsWith(start));
        const meant = matches.find((one) => matches.every((other) => other === one || other.startsWith(`${one}_`)));
        expect(attempt(() => findId(library.db, start).id)).toBe(meant ?? "ambiguous_id");
      }),
    );
  });
});

describe("show", () => {
  it("shows a clip with its files and tasks, times as ISO 8601", () => {
    expect(show(library.db, CLIP, library.assetsRoot)).toMatchObject({
      kind: "clip",
      id: CLIP,
      title: "Neon",
      createdAt: new Date(CREATED).toISOString(),
      tasks: [{ taskId: TASK, position: 0 }],
      files: [
        { kind: "audio", state: "stored", path: `${library.assetsRoot}/1d/${CLIP}.audio` },
        { kind: "image", state: "failed", path: null, nextAttemptAt: new Date(CREATED).toISOString() },
      ],
    });
  });

  it("shows a task with clips, files, tracking and documents; a position in a song is no date", () => {
    expect(show(library.db, TASK, library.assetsRoot)).toMatchObject({
      kind: "task",
      id: TASK,
      continueAt: 12.5,
      tracking: { source: "test", addedAt: new Date(CREATED).toISOString() },
      clips: [
        { id: CLIP, position: 0 },
        { id: `${TASK}_0`, position: 1 },
      ],
      files: [{ kind: "audio" }, { kind: "image" }],
      documents: [{ version: 1, kind: "record", current: true }],
    });
  });

  it("names what a clip was made from and what was made from it", () => {
    library.task("cover", { referenceAudioId: CLIP, swapAudioId: "never-here", action: "swap_vocals" });
    library.clip("child", { taskId: "cover", title: "Band" });
    const [parent, child] = [CLIP, "child"].map((id) => show(library.db, id, library.assetsRoot));
    expect(parent).toMatchObject({
      madeFrom: [],
      madeInto: [{ id: "child", title: "Band", action: "swap_vocals", role: "reference" }],
    });
    expect(child).toMatchObject({
      madeFrom: [
        { id: CLIP, title: "Neon", role: "reference" },
        { id: "never-here", title: null, role: "swap" },
      ],
      madeInto: [],
    });
  });

  it("shows an id that was never answered", () => {
    expect(show(library.db, "1dd0f", library.assetsRoot)).toMatchObject({
      kind: "task",
      state: "pending",
      clips: [],
      documents: [],
    });
  });
});

describe("currentDocument", () => {
  it("gives the exact text, for a task and for its clip", () => {
    const text = '{"id" : "x",  "big": 12345678901234567890}';
    expect(currentDocument(library.db, TASK).document).toBe(text);
    expect(currentDocument(library.db, CLIP).document).toBe(text);
  });

  it("says that there is none yet", () => {
    expect(() => currentDocument(library.db, "1dd0f")).toThrow(/no document yet/);
  });
});

describe("curlOf", () => {
  const request = {
    action: "generate",
    lyric: "it's\n$(rm)",
    seed: "1",
    callback_url: "https://me/secret",
    application_id: "a1",
    user_id: "u1",
    async: true,
  };
  const line = (values: object) =>
    curlOf({ taskId: TASK, type: "audios", kind: "record", document: JSON.stringify(values) }, "https://api.example");

  it("is what made the song, for a shell, without what is private", () => {
    expect(line({ request })).toBe(
      `curl -X POST 'https://api.example/producer/audios' -H "authorization: Bearer $ACEDATACLOUD_API_TOKEN" ` +
        `-H 'accept: application/json' -H 'content-type: application/json' ` +
        `-d '{"action":"generate","lyric":"it'\\''s\\n$(rm)","seed":"1","async":true}'`,
    );
  });

  it("keeps numbers as they were written, and nothing private at any depth", () => {
    const document =
      '{"request":{"seed":12345678901234567890,"weirdness":0.50,"more":[{"user_id":"u","callback":1,"keep":"x"}]}}';
    expect(curlOf({ taskId: TASK, type: "audios", kind: "record", document }, "https://h")).toContain(
      `-d '{"seed":12345678901234567890,"weirdness":0.50,"more":[{"keep":"x"}]}'`,
    );
  });

  it("comes out of a real shell as it went in", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fake-curl-"));
    const out = join(folder, "arguments");
    writeFileSync(join(folder, "curl"), `#!/bin/sh\nprintf '%s\\0' "$@" > "${out}"\n`, { mode: 0o755 });
    const env = { PATH: `${folder}:/usr/bin:/bin`, ACEDATACLOUD_API_TOKEN: "key with a ' in it" };
    const nasty =
      "it's $HOME `id` \\ \"x\" !! %s $(touch never) \n\r\t\u0000\u001b ; & | > < ~ * ? [a] {b} 夜🌃 -d @/etc/passwd 'end";
    for (const lyric of [nasty, "'", "''", "\\", "", ...fc.sample(fc.string({ unit: "binary" }), 20)]) {
      const script = curlOf(
        {
          taskId: TASK,
          type: "audios",
          kind: "record",
          document: JSON.stringify({ request: { lyric, user_id: "u" } }),
        },
        "https://h/it's",
      );
      await execa("sh", ["-c", script], { env, extendEnv: false, cwd: folder });
      const given = readFileSync(out, "utf8").split("\0").slice(0, -1);
      expect(given.slice(0, 5)).toEqual([
        "-X",
        "POST",
        "https://h/it's/producer/audios",
        "-H",
        "authorization: Bearer key with a ' in it",
      ]);
      expect(given.slice(5, -1)).toEqual([
        "-H",
        "accept: application/json",
        "-H",
        "content-type: application/json",
        "-d",
      ]);
      expect(JSON.parse(given.at(-1) ?? "")).toEqual({ lyric });
    }
    expect(readdirSync(folder).sort()).toEqual(["arguments", "curl"]);
    rmSync(folder, { recursive: true });
  });

  it.each([[{}], [{ request: null }], [{ request: [] }], [{ request: {} }]])(
    "refuses %j, which holds no request",
    (document) => {
      expect(() => line(document)).toThrow(UsageError);
    },
  );

  it("takes no endpoint from a type that is no plain word", () => {
    expect(
      curlOf({ taskId: TASK, type: "../../x", kind: "record", document: '{"request":{"a":1}}' }, "https://h"),
    ).toContain("'https://h/producer/audios'");
  });
});

/** The result, or the code of the error. */
function attempt(work: () => string): string {
  try {
    return work();
  } catch (error) {
    return (error as UsageError).code;
  }
}

function thrown(work: () => unknown): UsageError {
  try {
    work();
  } catch (error) {
    return error as UsageError;
  }
  throw new Error("nothing was thrown");
}
