import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../run-command.ts";
import { CREATED, makeLibrary, type Library } from "../../query/library.ts";

const MAIN = join(import.meta.dirname, "../../../src/main.ts");
const CLIP = "1dd08826-478e-43a6-868f-aff5ababac2c";
const TASK = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const DOCUMENT = `{"id" : "${TASK}", "request": {"lyric": "la", "callback_url": "https://me/x"}, "odd": "\u007f"}`;
const EVIL = "\u001b[2J\u001b]52;c;x\u0007\u009b\r\n\u202e\u{e0041}";
let library: Library;

beforeAll(() => {
  library = makeLibrary();
  library.task(TASK, { document: DOCUMENT });
  library.clip(CLIP, { taskId: TASK, title: "Neon", lyric: "Woke up with the sun\n春の夜", durationSeconds: 135.2 });
  library.file(CLIP, { taskId: TASK });
  library.clip("evil", { title: EVIL, lyric: `sun ${EVIL}`, model: EVIL });
  library.file("evil", { kind: "image", state: "failed", httpStatus: 503 });
  library.task("lost", { state: "failed", errorMessage: EVIL, title: EVIL });
  for (let at = 0; at < 60; at++)
    library.clip(`many-${String(at).padStart(2, "0")}`, { taskId: "lost", createdAt: CREATED - at });
});
afterAll(() => library[Symbol.dispose]());

const cli = (...args: string[]) => runCommand(library.home, args);

/** The digest of everything in the archive's folder. */
function digest(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(library.home, { recursive: true, encoding: "utf8" }).sort()) {
    hash.update(name);
    if (/archive\.db(-wal)?$/.test(name)) hash.update(readFileSync(join(library.home, name)));
  }
  return hash.digest("hex");
}

describe("reading commands", () => {
  it("K128: let nothing from the data reach a terminal or a pipe, and leave the archive as it is", async () => {
    const before = digest();
    const commands = [
      ["status"],
      ["clips", "--limit", "0"],
      ["clips", "--format", "csv"],
      ["clips", "--json"],
      ["tasks"],
      ["search", "sun"],
      ["show", "evil"],
      ["show", "lost"],
      ["lineage", "evil"],
      ["why", "evil"],
      ["why", "lost"],
      ["lineage", "evil", "--format", "mermaid"],
      ["show", "many"],
      ["show", EVIL],
      ["stats"],
      ["sql", "select title, model from clips"],
      ["sql", `select "${EVIL}" from nope`],
      ["clips", "--state", EVIL],
    ];
    const printed: string[] = [];
    for (const command of commands) {
      const { stdout, stderr } = await cli(...command);
      printed.push(`${command.join(" ").length} ${stdout}${stderr}`.replaceAll("\n", ""));
    }
    expect(printed.filter((text) => /[\p{Cc}\p{Bidi_Control}\u{e0000}-\u{e007f}]/u.test(text))).toEqual([]);
    expect(Math.min(...printed.map((text) => text.length))).toBeGreaterThan(10);
    expect(digest()).toBe(before);
  }, 120_000);

  it("status begins with the archive's path, then the line of proof", async () => {
    const { stdout, exitCode } = await cli("status");
    expect(exitCode).toBe(0);
    const [path, proof] = stdout.split("\n");
    expect(path).toBe(library.home);
    expect(proof).toMatch(/^1 song safe, 1\.0 kB · 1 failed upstream · 1 cover missing: ".*" evil \(503\)$/);
  });

  it("K132: status --max-age without a complete run is exit 3, the counts beside the error", async () => {
    const { stdout, stderr, exitCode } = await cli("status", "--json", "--max-age", "2d");
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ clips: 62, safe: 1, error: { code: "run_too_old", exit: 3 } });
    expect(stderr).toContain("no run has been complete yet");
  });

  it("clips shows 50 rows in a table and says how many there are; other formats have all", async () => {
    const table = await cli("clips");
    expect(table.stdout.trimEnd().split("\n")).toHaveLength(51);
    expect(table.stderr).toBe(`${library.home}\nshowing 50 of 62 (--limit 0 for all)\n`);
    const json = await cli("ls", "--json");
    expect(JSON.parse(json.stdout)).toHaveLength(62);
    expect(json.stderr).toBe("");
    const all = await cli("clips", "--limit", "0", "-q");
    expect(all.stdout.trimEnd().split("\n")).toHaveLength(63);
    expect(all.stderr).toBe("");
  });

  it("clips filters, sorts and gives paths", async () => {
    const { stdout } = await cli(
      "clips",
      "--min-duration",
      "2:00",
      "--has",
      "audio",
      "--until",
      "2026-11-20",
      "--sort",
      "-title",
      "--format",
      "ndjson",
    );
    expect(JSON.parse(stdout)).toMatchObject({
      id: CLIP,
      audioPath: join(library.assetsRoot, "1d", `${CLIP}.audio`),
      imagePath: null,
    });
    expect((await cli("clips", "--paths")).stdout).toBe(`${join(library.assetsRoot, "1d", `${CLIP}.audio`)}\n`);
  });

  it("lists page by page, and only the fields that are asked for", async () => {
    const read = async (cursor: string[]): Promise<string[]> => {
      const page = ["clips", "--format", "csv", "--fields", "id,title", "--limit", "40", "--sort", "title", ...cursor];
      const { stdout, stderr } = await cli(...page);
      const [heading, ...rows] = stdout.trimEnd().split("\n");
      expect(heading).toBe("id,title");
      const [, next] = /^next: --cursor (\S+)$/m.exec(stderr) ?? [];
      return next === undefined ? rows : [...rows, ...(await read(["--cursor", next]))];
    };
    const all = await cli("clips", "--format", "csv", "--fields", "id,title", "--sort", "title");
    expect(await read([])).toEqual(all.stdout.trimEnd().split("\n").slice(1));
    expect(JSON.parse((await cli("tasks", "--json", "--fields", "state,id", "--limit", "1")).stdout)).toEqual([
      { state: expect.any(String) as string, id: expect.any(String) as string },
    ]);
    const table = await cli("search", "sun", "--fields", "title,seed", "--sort", "title", "--limit", "1");
    expect(table.stdout.split("\n")[0]).toMatch(/^title +seed$/);
    expect(table.stderr).toMatch(/\nshowing 1 of 2 .*\nnext: --cursor \S+\n$/);
  });

  it.each([
    ["clips", "--since", "someday", '--since is "someday"; it takes a date or time such as 2026'],
    ["clips", "--has", "audio,smell", '--has is "smell"; it takes audio, wav'],
    [
      "clips",
      "--sort",
      "taste",
      '--sort is "taste"; it takes created, title, duration, model, rating, plays or played',
    ],
    ["clips", "--seed", ",", "--seed is empty"],
    ["clips", "--root", "nope", "--root: no task or clip has the id nope"],
    ["tasks", "--children-of", "", "--children-of: the id is empty"],
    ["tasks", "--fields", "id,snippet", '--fields is "snippet"; it takes id, type'],
    ["stats", "--until", "x", '--until is "x"'],
    ["clips", "--cursor", "x", '--cursor is "x"; it takes the cursor that the page before ended with'],
    ["clips", "--limit", "-1", '--limit is "-1"; it takes a whole number'],
  ])("%s %s %j ends with 2 and says what it takes", async (command, flag, value, message) => {
    const { stdout, stderr, exitCode } = await cli(command, flag, value);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toContain(message);
  });

  it("no hit is no failure", async () => {
    expect(await cli("clips", "--model", "none", "--json")).toMatchObject({ stdout: "[]\n", exitCode: 0 });
    expect(await cli("search", "", "--json")).toMatchObject({ stdout: "[]\n", exitCode: 0 });
    expect(await cli("search", "--json", "--", "--what?", '"(')).toMatchObject({ stdout: "[]\n", exitCode: 0 });
  });

  it("search finds by words and by characters, and excludes", async () => {
    const [hit] = JSON.parse((await cli("search", "sun", "--json", "woke")).stdout) as object[];
    expect(hit).toMatchObject({ id: CLIP, snippet: expect.stringContaining("«Woke» up with the «sun»") as string });
    expect(JSON.parse((await cli("search", "春の", "--json")).stdout)).toHaveLength(1);
    expect(JSON.parse((await cli("search", "sun", "-neon", "--json")).stdout)).toMatchObject([{ id: "evil" }]);
    // As -v and a rest, commander would take it for --verbose.
    expect(JSON.parse((await cli("search", "sun", "-voke", "-woke", "--json")).stdout)).toMatchObject([{ id: "evil" }]);
    expect(await cli("search", "--json", "--", "sun", "--no-such")).toMatchObject({ stdout: "[]\n", exitCode: 0 });
    expect((await cli("search")).stderr).toMatch(/^error: search takes words$/m);
  });

  it.each([
    [["search", "sun", "--limt", "3"], "unknown option '--limt' (Did you mean --limit?)"],
    [["search", "--limt=3", "sun"], "unknown option '--limt'"],
    [["search", "sun", "--json", "-v", "--no-such"], "unknown option '--no-such'"],
    [["tag", CLIP, "+calm", "--lst"], "unknown option '--lst' (Did you mean --list?)"],
    [["search", "sun", "--paths", "--json"], "--paths is a format of its own"],
  ])("%j is no search for a word but a usage error", async (words, message) => {
    const { exitCode, stderr } = await cli(...words);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it("search --paths prints the files of what it finds, best first, and those alone", async () => {
    expect((await cli("search", "woke", "--paths")).stdout).toBe(
      `${join(library.assetsRoot, "1d", `${CLIP}.audio`)}\n`,
    );
    expect(await cli("search", "nowhere", "--paths")).toMatchObject({ stdout: "", exitCode: 0 });
  });

  it("search --rebuild-index builds the index again", async () => {
    const before = await cli("search", "sun", "--json");
    library.db.$client.exec("delete from clips_fts where rowid = 1");
    const { stderr, stdout } = await cli("search", "--rebuild-index");
    expect(stderr).toMatch(/^repaired: clip 1dd08826-.* not indexed$/m);
    expect(stdout).toMatch(/^index rebuilt: 62 clips$/m);
    expect(await cli("search", "sun", "--json")).toEqual(before);
    expect(JSON.parse((await cli("search", "--rebuild-index", "--json")).stdout)).toEqual({ clips: 62, troubles: [] });
    expect(await cli("search", "--rebuild-index", "sun")).toMatchObject({ exitCode: 2 });
  });

  it("show gives the exact document, the request, and everything", async () => {
    expect((await cli("show", CLIP.slice(0, 8), "--raw")).stdout).toBe(DOCUMENT);
    const { stdout } = await cli("show", TASK, "--curl");
    expect(stdout).toMatch(
      /^curl -X POST 'https:\/\/api\.acedata\.cloud\/producer\/audios' .* -d '\{"lyric":"la"\}'\n$/,
    );
    expect(JSON.parse((await cli("show", CLIP, "--json")).stdout)).toMatchObject({
      kind: "clip",
      id: CLIP,
      files: [{ state: "stored" }],
    });
    const report = (await cli("show", CLIP)).stdout;
    expect(report.startsWith(`${library.home}\nclip `)).toBe(true);
    expect(report).toContain("  Woke up with the sun\n  春の夜\n");
  });

  it("stats has totals and breakdowns", async () => {
    const { stdout } = await cli("stats", "--by", "model", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      totals: { clips: 62, files: 1, bytes: 1000 },
      by: { model: [{ key: "FUZZ-2.0", clips: 61 }, { clips: 1 }] },
    });
    expect((await cli("stats", "--by", "action", "--format", "csv")).stdout).toBe(
      "by,key,clips,minutes,files,bytes\naction,generate,62,103.92,1,1000\n",
    );
  });

  it.each([
    [["clips", "--state", "done"], /--state is "done"; it takes/],
    [["clips", "--sort", "size"], /--sort is "size"/],
    [["clips", "--since", "soon"], /--since is "soon"/],
    [["clips", "--limit", "-1"], /--limit is "-1"/],
    [["clips", "--has", "mp3"], /--has is "mp3"/],
    [["clips", "--format", "xml"], /--format is "xml"/],
    [["clips", "--json", "--format", "csv"], /exclude each other/],
    [["tasks", "--min-duration", "x"], /--min-duration is "x"/],
    [["show", "nope"], /no task or clip has the id nope/],
    [["show", "many"], /ambiguous/],
    [["show", "many-00", "--raw", "--curl"], /exclude each other/],
    [["stats", "--by", "mood"], /mood/],
    [["sql", "select 1", "--timeout", "0"], /--timeout is "0"/],
    [["status", "--max-age", "old"], /--max-age is "old"/],
  ])("K132: %j is exit 2, in one document", async (args, message) => {
    const json = args.includes("--format") || args.includes("--json") || args.includes("--raw") ? [] : ["--json"];
    const { stdout, stderr, exitCode } = await cli(...args, ...json);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    const document = json.length > 0 ? (JSON.parse(stdout) as unknown) : { error: { exit: 2 } };
    expect(document).toMatchObject({ error: { exit: 2 } });
  });

  it("K132: sql says what was refused, and by exit 10", async () => {
    const { stdout, exitCode } = await cli("sql", "vacuum into '/tmp/never'", "--json");
    expect(exitCode).toBe(10);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "query_refused", exit: 10 } });
  });

  it("J120: a query may begin with a comment, which is no option", async () => {
    const { stdout, exitCode } = await cli("sql", "-- how many\nselect 1 as n", "--format", "csv");
    expect([stdout, exitCode]).toEqual(["n\n1\n", 0]);
    expect((await cli("sql", "--drop it\ndelete from clips")).exitCode).toBe(10);
    for (const flag of ["--max-row", "-x", "--max-row=5"])
      expect(await cli("sql", flag)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringMatching(/unknown option '-+[\w-]+'/) as unknown,
      });
    expect((await cli("sql", "--max-row", "5", "select 1")).exitCode).toBe(2);
  });

  it("J121: sql ends at its time limit", async () => {
    const endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n";
    const { stderr, exitCode } = await cli("sql", endless, "--timeout", "300ms");
    expect(exitCode).toBe(10);
    expect(stderr).toContain("over the 0.3 s limit");
  });

  it("J123: sql stops after 1,000 rows and says so", async () => {
    const rows = "with recursive n(x) as (select 1 union all select x + 1 from n limit 1500) select x from n";
    const cut = await cli("sql", rows, "--format", "csv");
    expect(cut).toMatchObject({ exitCode: 0, stderr: "stopped after 1,000 rows (--max-rows 0 for all)\n" });
    expect(cut.stdout.split("\n")).toHaveLength(1002);
    expect((await cli("sql", rows, "--format", "csv", "--max-rows", "0")).stdout.split("\n")).toHaveLength(1502);
  });

  it("no archive here is exit 2, and names the folder", async () => {
    const empty = mkdtempSync(join(tmpdir(), "no-archive-"));
    const { stderr, exitCode } = await runCommand(empty, ["status"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(join(empty, "archive.db"));
    expect(readdirSync(empty)).toEqual([]);
    rmSync(empty, { recursive: true });
  });
});

describe("as a process", () => {
  const shell = (line: string) =>
    execa("bash", ["-c", `set -o pipefail; ${line}`], {
      reject: false,
      env: { NODE: process.execPath, MAIN, HOME_DIR: library.home },
    });
  const endless =
    "with recursive n(x) as (select 1 union all select x + 1 from n limit 2000000) select x, 'some text' from n";

  it("reads, and fails, as one document", async () => {
    const good = await shell('"$NODE" "$MAIN" ls --json --limit 1 --home "$HOME_DIR"');
    expect([(JSON.parse(good.stdout) as unknown[]).length, good.exitCode]).toEqual([1, 0]);
    const bad = await shell('"$NODE" "$MAIN" sql "drop table clips" --format json --home "$HOME_DIR"');
    expect([JSON.parse(bad.stdout), bad.exitCode]).toMatchObject([{ error: { code: "query_refused", exit: 10 } }, 10]);
  });

  it("K130 J123: into head, ends in silence", async () => {
    const { stdout, stderr, exitCode } = await shell(
      `"$NODE" "$MAIN" sql "${endless}" --max-rows 0 --format csv --home "$HOME_DIR" | head -2`,
    );
    expect([stdout.split("\n")[1], stderr, exitCode]).toEqual(["1,some text", "", 0]);
    const list = await shell(`"$NODE" "$MAIN" clips --json --home "$HOME_DIR" | head -1`);
    expect([list.stdout, list.stderr, list.exitCode]).toEqual(["[", "", 0]);
  });

  it.each(["lineage many-00", "lineage many-00 --format mermaid", "lineage many-00 --json", "show many-00", "tag"])(
    "K130: %s, to a reader that has closed its end already, ends in silence",
    async (command) => {
      const ended =
        '{ "$NODE" "$MAIN" ' + command.replace("tag", "tag many-00") + ' -q --home "$HOME_DIR"; echo $? >&2; }';
      const { stderr } = await shell(`exec 3> >(exec 0<&-); sleep 0.3; ${ended} >&3`);
      expect(stderr).toBe("0");
    },
  );

  it.runIf(process.platform === "linux").each(["clips --json", "status"])(
    "K130: %s into a full disk is exit 7",
    async (command) => {
      const { stderr, exitCode } = await shell(`"$NODE" "$MAIN" ${command} --home "$HOME_DIR" > /dev/full`);
      expect(exitCode).toBe(7);
      expect(stderr).toContain("no space left");
    },
  );
});
