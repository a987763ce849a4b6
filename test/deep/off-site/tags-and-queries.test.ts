import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { digestTree } from "../../helpers/folder-tree.ts";
import { has } from "../../helpers/needs.ts";
import { makeWorld } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 300_000 });

describe("tags and queries are restored after the home is lost (skipped where restic or rclone is not installed)", () => {
  for (const [name, ...init] of [["restic", "--init"], ["rclone"]] as const)
    it.skipIf(!has(name))(`from ${name}`, async () => {
      await using world = await makeWorld({ tasks: 3 });
      const own = () => ({
        tags: rowsOf(world.home, "select * from clip_tags order by clip_id, tag"),
        queries: digestTree(join(world.home, "queries")),
      });
      const mirror = (...words: string[]) => world.mirrorWith({ env: { RESTIC_PASSWORD: "a secret word" } }, ...words);
      expectCode(await mirror("sync"), 0);
      expectCode(await mirror("tag", ...world.ids.slice(0, 2), "+Calm", "+late night"), 0);
      mkdirSync(join(world.home, "queries"));
      writeFileSync(join(world.home, "queries/calm.sql"), "select clip_id from clip_tags where tag = :tag\n");
      const before = own();
      expect(before.tags).toHaveLength(4);
      const location = `${name}:${world.folder}/copies`;
      expectCode(await mirror("backup", "--to", location, ...init), 0);
      rmSync(world.home, { recursive: true });
      expectCode(await mirror("restore", location), 0);
      expect(own()).toEqual(before);
      expectCode(await mirror("verify", "--full"), 0);
      expect(expectCode(await mirror("sql", "@calm", "--param", "tag=Calm", "--json"), 0).json).toHaveLength(2);
      expectCode(await mirror("rebuild"), 0);
      expect(own()).toEqual(before);
    });
});
