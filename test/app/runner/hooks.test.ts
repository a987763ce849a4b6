import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld, TOKEN } from "../../helpers/world.ts";
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
