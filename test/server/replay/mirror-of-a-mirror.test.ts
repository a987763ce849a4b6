import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { writeKeys } from "../../../src/server/keys/key-file.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { runHere } from "../../helpers/run-here.ts";
import { serveHome } from "../served.ts";

const KEY = "phone-key-0123456789abcdef";
/** What says when and how something was fetched, and not what it is. */
const OF_THE_FETCH = new Set(
  "first_seen_at updated_at fetched_at stored_at verified_at added_at last_checked_at next_check_at etag last_modified proof content_type source".split(
    " ",
  ),
);
type Row = Record<string, unknown>;

function tablesOf(home: string): Record<string, Row[]> {
  const db = new Sqlite(join(home, "archive.db"), { readonly: true });
  const names = ["tasks", "task_documents", "clips", "task_clips", "assets", "tracked_tasks"];
  const read = (name: string) =>
    (db.prepare(`select * from ${name}`).all() as Row[])
      .map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => !OF_THE_FETCH.has(column))))
      .map((row) => (name === "assets" ? { ...row, id: 0 } : name === "clips" ? { ...row, rowid_key: 0 } : row))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const tables = Object.fromEntries(names.map((name) => [name, read(name)]));
  db.close();
  return tables;
}

function filesOf(home: string): Map<string, string> {
  const paths = readdirSync(join(home, "assets"), { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.(m4a|jpg|mp4|wav|zip)$/.test(path),
  );
  return new Map(paths.sort().map((path) => [path, readFileSync(join(home, "assets", path), "base64")]));
}

/** Mirrors what `apiUrl` serves into a new home. */
async function mirrorFrom({ folder, env, ids }: World, apiUrl: string, hosts: string, name: string): Promise<string> {
  const home = join(folder, name);
  const settings = { PRODUCER_MIRROR_HOME: home, PRODUCER_MIRROR_API_URL: apiUrl, PRODUCER_MIRROR_ASSET_HOSTS: hosts };
  const run = (...args: string[]) => runHere(args, { env: { ...env, ...settings }, cwd: folder });
  expect(await run("track", ...ids)).toMatchObject({ code: 0 });
  expect(await run("sync")).toMatchObject({ code: 0 });
  expect(await run("verify", "--full")).toMatchObject({ code: 0 });
  return home;
}

test("a mirror of a mirror of a mirror is the same archive, row by row and byte by byte", async () => {
  await using world = await makeWorld({ tasks: 6 });
  expect(await world.mirror("sync")).toMatchObject({ code: 0 });
  let home = world.home;
  for (const name of ["second", "third", "fourth"]) {
    await using server = await serveHome(home);
    home = await mirrorFrom(world, server.url, world.standIn.assetHost, name);
  }
  expect(tablesOf(home)).toEqual(tablesOf(world.home));
  expect(filesOf(home)).toEqual(filesOf(world.home));
});

test("with --rewrite-urls also when the original is gone, through a key in the address: but for the addresses of files", async () => {
  await using world = await makeWorld({ tasks: 6 });
  expect(await world.mirror("sync")).toMatchObject({ code: 0 });
  world.standIn.reset();
  let home = world.home;
  const bases: string[] = [];
  for (const name of ["second", "third", "fourth"]) {
    writeKeys(home, [{ name: "phone", key: KEY, addedAt: "" }]);
    await using server = await serveHome(home, { rewriteUrls: true, requireKey: true });
    bases.push(`${server.url}/key/${KEY}`);
    home = await mirrorFrom(world, `${server.url}/key/${KEY}`, new URL(server.url).host, name);
  }
  expect(world.standIn.requests).toEqual([]);
  expect(filesOf(home)).toEqual(filesOf(world.home));
  const [first, last] = [tablesOf(world.home), tablesOf(home)];
  const asAtFirst = (text: string) =>
    (first["assets"] ?? []).reduce<string>(
      (changed, { url, clip_id, task_id, kind }) =>
        changed.replaceAll(`${bases.at(-1)}/media/${String(clip_id ?? task_id)}/${String(kind)}`, String(url)),
      text,
    );
  const comparable = (tables: Record<string, Row[]>) =>
    JSON.stringify(tables).replace(/"sha256":"[0-9a-f]{64}","document"/g, '"document"');
  expect(JSON.stringify(last)).not.toContain(world.standIn.assetHost);
  const sorted = (text: string) =>
    Object.values(JSON.parse(text) as Record<string, Row[]>).map((rows) =>
      rows.map((row) => JSON.stringify(row)).sort(),
    );
  expect(sorted(asAtFirst(comparable(last)))).toEqual(sorted(comparable(first)));
});
