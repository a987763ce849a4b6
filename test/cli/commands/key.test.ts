import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startProgram } from "../../helpers/program.ts";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";
import { runCommand } from "../run-command.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(async () => {
  folder = temporaryFolder();
  await runCommand(folder.path, ["track", "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad"]);
});
afterEach(() => folder[Symbol.dispose]());

const key = (...args: string[]) => runCommand(folder.path, ["key", ...args]);
const stored = () => readFileSync(join(folder.path, "keys.json"), "utf8");

test("key add prints the key and nothing else on stdout, once; only its owner may read the file", async () => {
  const { stdout, stderr, exitCode } = await key("add", "phone");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^[a-z2-9]{26}\n$/);
  expect(stderr).toContain("the key of phone");
  expect(stderr).not.toContain(stdout.trim());
  expect(statSync(join(folder.path, "keys.json")).mode & 0o777).toBe(0o600);
  const listed = await key("list", "--json");
  expect(JSON.parse(listed.stdout)).toMatchObject([{ name: "phone", lastUsedAt: null }]);
  expect(listed.stdout + (await key("list")).stdout).not.toContain(stdout.trim());
});

test("key add --json has name and key; two keys differ; key rm ends one of them", async () => {
  const [one, two] = [await key("add", "phone", "--json"), await key("add", "Küche 2", "--json")];
  const keys = [one, two].map(({ stdout }) => JSON.parse(stdout) as { name: string; key: string });
  expect(keys.map(({ name }) => name)).toEqual(["phone", "Küche 2"]);
  expect(keys[0]?.key).not.toBe(keys[1]?.key);
  expect(JSON.parse((await key("rm", "küche 2", "--json")).stdout)).toEqual({ name: "Küche 2" });
  expect(stored()).toContain(keys[0]?.key);
  expect(stored()).not.toContain(keys[1]?.key);
});

test("--dry-run makes and ends no key", async () => {
  expect((await key("add", "-n", "phone")).stdout).toContain("would make a key named phone");
  expect(existsSync(join(folder.path, "keys.json"))).toBe(false);
  await key("add", "phone");
  const before = stored();
  expect((await key("rm", "-n", "phone")).stdout).toContain("would end the key named phone");
  expect((await key("add", "-n", "phone")).exitCode).toBe(2);
  expect((await key("rm", "-n", "tablet")).exitCode).toBe(2);
  expect(stored()).toBe(before);
});

test.each([
  ["phone:1", /cannot be the name of a key/],
  ["", /cannot be the name of a key/],
  [" phone", /cannot be the name of a key/],
  ["a/b", /cannot be the name of a key/],
  ["a\u0000b", /cannot be the name of a key/],
  ["a".repeat(65), /cannot be the name of a key/],
  ["PHONE", /there is a key named phone already/],
  ["Env", /PRODUCER_MIRROR_SERVE_KEY/],
])("key add %j says what is wrong", async (name, message) => {
  await key("add", "phone");
  const before = stored();
  const { exitCode, stderr } = await key("add", "--", name);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(message);
  expect(stored()).toBe(before);
});

test("key list says when a key was last used, and not when an older one of that name was", async () => {
  await key("add", "phone");
  const uses = (time: string) =>
    writeFileSync(join(folder.path, "keys-used.json"), JSON.stringify({ phone: time, gone: time }));
  const lastUsed = async () =>
    (JSON.parse((await key("list", "--json")).stdout) as { lastUsedAt: string }[])[0]?.lastUsedAt;
  uses("2020-01-01T00:00:00.000Z");
  expect(await lastUsed()).toBeNull();
  uses("2999-01-01T00:00:00.000Z");
  expect(await lastUsed()).toBe("2999-01-01T00:00:00.000Z");
  writeFileSync(join(folder.path, "keys-used.json"), "{");
  expect(await lastUsed()).toBeNull();
  const listed = await runCommand(folder.path, ["key", "list"], {
    PRODUCER_MIRROR_SERVE_KEY: "secret-of-the-container",
  });
  expect(listed.stdout).toMatch(/env +by the environment +never/);
});

test("of keys that several commands add at once none is lost", async () => {
  const names = ["one", "two", "three", "four"];
  const adding = names.map(
    (name) => startProgram(["--home", folder.path, "key", "add", name], { env: {}, cwd: folder.path }).done,
  );
  expect((await Promise.all(adding)).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  const { keys } = JSON.parse(stored()) as { keys: { name: string }[] };
  expect(keys.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
});

test("a file that holds no keys is left as it is", async () => {
  writeFileSync(join(folder.path, "keys.json"), "{}");
  expect(await key("add", "phone")).toMatchObject({ exitCode: 7, stdout: "" });
  expect(stored()).toBe("{}");
});

test("no key is made where there is no archive", async () => {
  using empty = temporaryFolder();
  const { exitCode, stderr } = await runCommand(empty.path, ["key", "add", "phone"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("no archive");
  expect(existsSync(join(empty.path, "keys-lock.db"))).toBe(false);
});
