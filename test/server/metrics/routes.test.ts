import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TOKEN } from "../../helpers/world.ts";
import { serveWorld, type Served } from "../served.ts";

const KEY = "env-key-0123456789abcdef";
let served: Served;
beforeAll(async () => (served = await serveWorld({}, { serveKey: KEY, token: TOKEN })));
afterAll(() => served[Symbol.asyncDispose]());

test("the figures are those of the archive, in the form that Prometheus reads", async () => {
  const answer = await fetch(`${served.url}/metrics`);
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await answer.text();
  for (const line of text.trimEnd().split("\n"))
    expect(line).toMatch(
      /^(# (HELP|TYPE) producer_mirror_[a-z_]+ .+|producer_mirror_[a-z_]+(\{[a-z]+="[\w.-]+"\})? [\d.]+)$/,
    );
  const status = (await (await fetch(`${served.url}/api/status`)).json()) as {
    clips: number;
    assets: { stored: number; bytes: number };
    lastRun: { finishedAt: string };
  };
  expect(text).toContain(`\nproducer_mirror_clips ${status.clips}\n`);
  expect(text).toContain(`\nproducer_mirror_files{state="stored"} ${status.assets.stored}\n`);
  expect(text).toContain(`\nproducer_mirror_stored_bytes ${status.assets.bytes}\n`);
  const at = Date.parse(status.lastRun.finishedAt) / 1000;
  expect(text).toContain(`\nproducer_mirror_last_complete_run_timestamp_seconds ${at}\n`);
  expect(text).not.toContain("last_backup_timestamp_seconds");
  for (const secret of [...served.world.ids, KEY, TOKEN]) expect(text).not.toContain(secret);
});

test("the dashboard of deploy/ asks for figures that there are", async () => {
  await served.world.mirror("verify");
  await served.world.mirror("backup", join(served.world.folder, "backups"));
  const text = await (await fetch(`${served.url}/metrics`)).text();
  const dashboard = readFileSync(new URL("../../../deploy/grafana.json", import.meta.url), "utf8");
  const names = new Set(dashboard.match(/producer_mirror_\w+/g));
  expect(names.size).toBeGreaterThan(8);
  expect([...names].filter((name) => !text.includes(`# TYPE ${name} gauge\n`))).toEqual([]);
});
