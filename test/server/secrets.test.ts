import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TOKEN } from "../helpers/world.ts";
import { serveWorld, type Served } from "./served.ts";

const ENV_KEY = "env-key-0123456789abcdef";
let served: Served;
let key = "";
beforeAll(async () => {
  served = await serveWorld({ requireKey: true }, { serveKey: ENV_KEY, token: TOKEN });
  key = ((await served.world.mirror("key", "add", "phone", "--json")).json as { key: string }).key;
});
afterAll(() => served[Symbol.asyncDispose]());

/** The files of a folder that hold one of the secrets. */
function filesWith(folder: string, secrets: string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => secrets.some((secret) => readFileSync(path).includes(secret)));
}

test("keys and token are in no answer, message, export or backup; a key is in the file of keys alone", async () => {
  const { world, url } = served;
  const shown: string[] = [];
  const headers = { authorization: `Bearer ${key}` };
  for (const path of ["/api/status", "/api/nosuch", "/api/clips?limit=x", "/metrics", "/feed.xml", "/readyz"])
    for (const address of [
      url + path,
      `${url}/key/${key}${path}`,
      `${url}/key/${key}x${path}`,
      `${url}/key/${ENV_KEY}${path}`,
    ]) {
      const answer = await fetch(address, address.includes("/key/") ? {} : { headers });
      // The feed of an address with a key is made to carry it.
      if (path !== "/feed.xml" || !address.includes("/key/"))
        shown.push(await answer.text(), JSON.stringify([...answer.headers]));
    }
  const login = await fetch(`${url}/login`, {
    method: "POST",
    headers: { origin: url },
    body: JSON.stringify({ key }),
  });
  shown.push(await login.text(), JSON.stringify([...login.headers]));
  for (const args of [
    ["key", "list"],
    ["key", "list", "--json"],
    ["config", "--json"],
    ["doctor", "--offline", "--json"],
    ["status", "--json"],
    ["export", "tables", join(world.folder, "out/tables"), "--raw"],
    ["export", "songs", join(world.folder, "out/songs")],
    ["backup", join(world.folder, "out/backups")],
    ["key", "add", "phone"],
    ["key", "rm", key],
  ]) {
    const { stdout, stderr } = await world.mirror(...args);
    if (args.at(-1) !== key) shown.push(stdout, stderr);
  }
  const secrets = [key, ENV_KEY, TOKEN];
  for (const secret of secrets) expect(shown.filter((text) => text.includes(secret))).toEqual([]);
  expect(filesWith(join(world.folder, "out"), secrets)).toEqual([]);
  expect(filesWith(world.home, secrets)).toEqual([join(world.home, "keys.json")]);
});
