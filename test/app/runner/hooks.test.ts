import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { editArchive, rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld, TOKEN } from "../../helpers/world.ts";
import { clipIdOf, makeRecord } from "../../stand-in/make-record.ts";
import { ended, run } from "./running.ts";

vi.setConfig({ testTimeout: 60_000 });

test("--exec gets each event on its standard input, without a shell and without the token; --ping is asked after a complete run", async () => {
  await using world = await makeWorld({ tasks: 1 });
  const pings: string[] = [];
  const server = createServer((request, response) => {
    pings.push(`${request.method} ${request.url}`);
    response.writeHead(pings.length === 1 ? 200 : 503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const ping = `http://127.0.0.1:${(server.address() as AddressInfo).port}/canary-ping`;
  const out = join(world.folder, "out.ndjson");
  const script = join(world.folder, "tell.mjs");
  writeFileSync(
    script,
    `import { appendFileSync, readFileSync } from "node:fs";
     appendFileSync(process.argv[2], JSON.stringify({ reported: JSON.parse(readFileSync(0, "utf8")), env: process.env, args: process.argv.slice(3) }) + "\\n");
     process.exit(process.argv[2].endsWith("x") ? 0 : 3);`,
  );
  vi.stubEnv("ACEDATACLOUD_API_TOKEN", TOKEN);
  const running = await run(world, { exec: [process.execPath, script, out, "$HOME", "a b"], ping });
  await running.until(({ events }) => events.some(({ type }) => type === "note"));
  running.runner.syncNow();
  await running.until(({ events }) => events.filter(({ type }) => type === "note").length === 3);
  await running.runner.stop(new Error("SIGTERM"));
  vi.unstubAllEnvs();
  server.close();
  const lines = readFileSync(out, "utf8").trim().split("\n");
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    reported: { event: "run.complete", by: "tick", outcome: "complete", assets: { stored: 2 } },
    args: ["$HOME", "a b"],
  });
  expect(lines.join("")).not.toContain(TOKEN);
  expect(pings).toEqual(["GET /canary-ping", "GET /canary-ping"]);
  const notes = running.events.flatMap((event) => (event.type === "note" ? [event.message] : []));
  expect(notes).toEqual([
    "--exec failed for run.complete: exit 3",
    "--exec failed for run.complete: exit 3",
    `--ping failed: ${new URL(ping).host} answered 503`,
  ]);
  expect(ended(running.events, "sync")).toBe(1);
});

test("a song that changed, a file that is gone upstream and a damaged file are reported, each once", async () => {
  await using world = await makeWorld({ tasks: 3 });
  await using running = await run(world);
  await running.until(({ events }) => ended(events, "tick") === 1);
  const [changed = "", gone = "", damaged = ""] = world.ids;
  const titled = makeRecord(0, { clip: { title: "Another title" } }, { assetBase: world.standIn.assetUrl });
  world.standIn.records.set(changed, titled);
  world.standIn.fault(/\.jpg/, { kind: "status", status: 404 }, "forever");
  const day = 24 * 3_600_000;
  const isOpen = "state = 'pending', next_check_at = 0";
  editArchive(world.home, `update tracked_tasks set ${isOpen} where task_id = '${changed}'`);
  const image = rowsOf(world.home, `select path from assets where kind = 'image' and task_id = '${gone}'`)[0]?.["path"];
  rmSync(join(world.home, "assets", String(image)));
  const missed = `state = 'failed', path = null, misses = 1, first_miss_at = ${Date.now() - 9 * day}, next_attempt_at = 0`;
  editArchive(world.home, `update assets set ${missed} where kind = 'image' and task_id = '${gone}'`);
  await vi.waitUntil(() => "began" in running.runner.syncNow());
  await running.until(({ events }) => ended(events, "sync") === 1);
  const [file] = rowsOf(world.home, `select path from assets where kind = 'audio' and task_id = '${damaged}'`);
  const path = join(world.home, "assets", String(file?.["path"]));
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = 255 - (bytes.at(-1) ?? 0);
  writeFileSync(path, bytes);
  await vi.waitUntil(() => "began" in running.runner.verifyNow("full"));
  await running.until(({ reported }) => reported().includes("verify.damaged"));
  await vi.waitUntil(() => "began" in running.runner.syncNow());
  await running.until(({ events }) => ended(events, "sync") === 2);
  const happened = running.events.flatMap((event) => (event.type === "happened" ? [event.happening] : []));
  const songs = happened.filter(({ event }) => !event.startsWith("run."));
  expect(songs.toSorted((one, other) => (one.event < other.event ? -1 : 1))).toMatchObject([
    { event: "asset.gone", asset: { kind: "image", clipId: clipIdOf(1) } },
    { event: "song.changed", clip: { id: clipIdOf(0), title: "Another title" } },
    { event: "verify.damaged", mode: "full", corrupt: 1, missing: 0, files: [{ path: file?.["path"] }] },
  ]);
});

test("what is wrong with --exec, --ping, --jitter or --log is reported before anything begins", async () => {
  await using world = await makeWorld({ tasks: 1 });
  for (const [option, value, named] of [
    ["--exec", " ", "--exec is"],
    ["--exec", '["a", 1]', "--exec is"],
    ["--ping", "ftp://secret.example/x", "--ping takes"],
    ["--jitter", "soon", "--jitter is"],
    ["--log", "xml", "--log is"],
  ] as const) {
    const done = await world.mirror("watch", option, value);
    expectCode(done, 2);
    expect(done.stderr).toContain(named);
    expect(done.stderr).not.toContain("secret.example");
  }
});

test("with --log json every line of watch is a JSON document with an event and a time", async () => {
  await using world = await makeWorld({ tasks: 1 });
  const watch = world.start(["watch", "--log", "json", "--exec", "no-such-program-here"]);
  while (!watch.output().stderr.includes("--exec failed")) await new Promise((resolve) => setTimeout(resolve, 20));
  watch.kill("SIGTERM");
  const { code, stdout, stderr } = await watch.done;
  expect(code).toBe(143);
  const documents = `${stdout}${stderr}`
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; at: string });
  expect(documents.map(({ event }) => event)).toContain("run.complete");
  for (const { event, at } of documents)
    expect([event, at]).toEqual([expect.stringMatching(/^[a-z.]+$/), new Date(at).toISOString()]);
});
