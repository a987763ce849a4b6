import { readdirSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { clipIdOf, makeLibrary } from "../stand-in/make-record.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { makeWorld, TOKEN } from "../helpers/world.ts";
import { claim } from "../deep/kill/claim.ts";

vi.setConfig({ testTimeout: 120_000 });

const SECRET = "s3cr3t-path-94";
const request = {
  callback_url: `https://hooks.example/${SECRET}?key=${SECRET}`,
  user_email: `me-${SECRET}@example.org`,
};

test("G94: what a record holds of its owner is in the documents and in their columns alone, in no report and no list", async () => {
  await using world = await makeWorld({
    library: (assetBase) => makeLibrary({ tasks: 3, assetBase, overrides: { request } }),
  });
  const [task = ""] = world.ids;
  const clip = clipIdOf(0);
  const commands = [
    ["sync", "-v"],
    ["sync", "-v", "--refresh", "--json"],
    ["status", "-v"],
    ["status", "--json"],
    ["tasks"],
    ["clips"],
    ["clips", "--json"],
    ["clips", "--format", "csv"],
    ["search", "the", "--json"],
    ["show", clip],
    ["show", clip, "--json"],
    ["stats", "--json"],
    ["sql", "select * from songs"],
    ["verify", "--json"],
    ["why", task],
  ];
  for (const command of commands) {
    const end = await world.mirror(...command);
    const where = { command, code: end.code };
    claim(!(end.stdout + end.stderr).includes(SECRET), "shows what belongs to the owner", where);
    claim(command[0] === "why" || end.code === 0, "does not work", { ...where, stderr: end.stderr });
  }
  const raw = expectCode(await world.mirror("show", task, "--raw"), 0);
  expect(raw.stdout).toContain(SECRET);
});

test("G97: a program that dies of its heap, or is ended, leaves no report, no core, and no token", async () => {
  await using world = await makeWorld({ tasks: 300 });
  const before = readdirSync(world.folder);
  const env = { NODE_OPTIONS: "--max-old-space-size=14" };
  const died = await world.mirrorWith({ env }, "sync", "--no-assets", "-v");
  const child = world.start(["sync", "-v", "--refresh", "--no-assets"]);
  child.kill("SIGABRT");
  const aborted = await child.done;
  for (const end of [died, aborted]) expect(end.stdout + end.stderr).not.toContain(TOKEN.slice(0, 12));
  expect(readdirSync(world.folder).toSorted()).toEqual(before.toSorted());
});
