import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { expectCode } from "../helpers/expect-code.ts";
import { makeWorld, TOKEN } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describe.concurrent("where the API URL may come from", () => {
  test("a .env may name it only beside its own token", async () => {
    await using world = await makeWorld({ tasks: 1 });
    writeFileSync(join(world.folder, ".env"), `PRODUCER_MIRROR_API_URL=${world.standIn.url}\n`, { mode: 0o600 });
    const env = { PRODUCER_MIRROR_API_URL: "", PRODUCER_MIRROR_RATE: "0" };
    const end = await world.mirrorWith({ env }, "sync", "--max-duration", "1s", "--json");
    expect(end.code).toBe(5);
    expect(world.standIn.requests).toHaveLength(0);
    expect(end.stderr).toMatch(/\.env names an API URL but not the token in use: the URL is ignored/);
    writeFileSync(
      join(world.folder, ".env"),
      `PRODUCER_MIRROR_API_URL=${world.standIn.url}\nACEDATACLOUD_API_TOKEN=${TOKEN}\n`,
      { mode: 0o600 },
    );
    expectCode(await world.mirrorWith({ env: { ...env, ACEDATACLOUD_API_TOKEN: "" } }, "sync"), 0);
  });

  test("flag over environment over the home's .env over the folder's; empty is unset", async () => {
    await using world = await makeWorld({ tasks: 4 });
    const batches = async (env: Record<string, string>, ...flags: string[]) => {
      world.standIn.reset();
      expectCode(await world.mirrorWith({ env }, "sync", "--refresh", "--no-assets", ...flags), 0);
      return world.standIn.apiRequests().length;
    };
    writeFileSync(join(world.folder, ".env"), "PRODUCER_MIRROR_BATCH=2\n");
    expect(await batches({})).toBe(2);
    writeFileSync(join(world.home, ".env"), "PRODUCER_MIRROR_BATCH=1\n", { mode: 0o600 });
    expect(await batches({})).toBe(4);
    expect(await batches({ PRODUCER_MIRROR_BATCH: "" })).toBe(4);
    expect(await batches({ PRODUCER_MIRROR_BATCH: "3" })).toBe(2);
    expect(await batches({ PRODUCER_MIRROR_BATCH: "3" }, "--batch-size", "4")).toBe(1);
  });

  test("a bad value names the variable, what it got and what it takes", async () => {
    await using world = await makeWorld({ tasks: 1 });
    const bad = {
      PRODUCER_MIRROR_RATE: "fast",
      PRODUCER_MIRROR_BATCH: "51",
      PRODUCER_MIRROR_KINDS: "smell",
      PRODUCER_MIRROR_API_URL: "http://example.com",
      PRODUCER_MIRROR_CONCURRENCY: "many",
      PRODUCER_MIRROR_IDLE_TIMEOUT: "-1",
      PRODUCER_MIRROR_ASSET_HOSTS: "http://x/y",
    };
    for (const [name, value] of Object.entries(bad)) {
      const end = expectCode(await world.mirrorWith({ env: { [name]: value } }, "sync", "--json"), 2);
      expect(end.json).toMatchObject({
        error: { exit: 2, message: expect.stringMatching(`^${name} is "${value}"; it takes `) as unknown },
      });
    }
    expect(world.standIn.requests).toHaveLength(0);
  });
});
