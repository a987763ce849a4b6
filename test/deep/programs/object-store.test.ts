import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { backUp } from "../../backup/off-site/in-process.ts";
import { has } from "../../helpers/needs.ts";
import { missingForObjectStore, startObjectStore, type ObjectStore } from "./object-store.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const absent = [...missingForObjectStore(), ...["restic", "rclone"].filter((program) => !has(program))];
const why = absent.length > 0 ? ` (skipped: no ${absent.join(", ")})` : "";

type Counts = { files: number; readBack: number };

/** How each program finds the store: by its environment alone. */
const ENVIRONMENTS = {
  rclone: ({ endpoint, accessKey, secretKey }: ObjectStore) => ({
    RCLONE_CONFIG_STORE_TYPE: "s3",
    RCLONE_CONFIG_STORE_PROVIDER: "Other",
    RCLONE_CONFIG_STORE_ENV_AUTH: "true",
    RCLONE_CONFIG_STORE_ENDPOINT: endpoint,
    RCLONE_CONFIG_STORE_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
    AWS_CA_BUNDLE: "/etc/ssl/certs/ca-certificates.crt",
  }),
  restic: ({ authUrl, accessKey, secretKey }: ObjectStore) => ({
    ST_AUTH: authUrl,
    ST_USER: accessKey,
    ST_KEY: secretKey,
  }),
};
const LOCATIONS = { rclone: "rclone:store:music-of-mine/mirror", restic: "restic:swift:music-of-mine-restic:/" };

describe.skipIf(absent.length > 0)(`a real object store${why}`, () => {
  let store: ObjectStore;
  beforeAll(async () => void (store = await startObjectStore()));
  afterAll(() => store?.[Symbol.asyncDispose]());

  const synced = async (): Promise<World> => {
    const world = await makeWorld({ tasks: 3 });
    expectCode(await world.mirror("sync"), 0);
    return world;
  };

  it.each(["rclone", "restic"] as const)(
    "%s: two backups, then a lost home is restored and verified without the service",
    async (program) => {
      await using world = await synced();
      const [env, location] = [ENVIRONMENTS[program](store), LOCATIONS[program]];
      const mirror = (...words: string[]) =>
        world.mirrorWith({ env: { RESTIC_PASSWORD: "a secret word", ...env } }, ...words);
      const init = program === "restic" ? ["--init"] : [];
      const first = expectCode(await mirror("backup", "--to", location, ...init, "--json"), 0).json as Counts;
      expect(first).toMatchObject({ location, lacking: [], clips: 3 });
      expect(first.readBack).toBe(first.files);
      const again = expectCode(await mirror("backup", "--to", location, "--json"), 0).json;
      expect(again).toMatchObject({ lacking: [], readBack: 0, files: first.files });
      const clips = rowsOf(world.home, "select * from clips");
      const copies = rowsOf(world.home, "select sha256 from copies where location = ?", location);
      expect(copies).toHaveLength(first.files);
      await world.standIn.close();
      rmSync(world.home, { recursive: true });
      const back = expectCode(await mirror("restore", location, "--json"), 0).json;
      expect(back).toMatchObject({ restored: true, damaged: [], from: location });
      expectCode(await mirror("verify", "--full"), 0);
      expect(rowsOf(world.home, "select * from clips")).toEqual(clips);
    },
  );

  it("a wrong key is exit 6, a store that cannot be reached is exit 5", async () => {
    await using world = await synced();
    const env = ENVIRONMENTS.rclone(store);
    const wrong = { ...env, AWS_SECRET_ACCESS_KEY: "not-the-key-at-all" };
    await expect(backUp(world, LOCATIONS.rclone, { env: wrong })).rejects.toMatchObject({ exit: 6 });
    const gone = { ...env, RCLONE_CONFIG_STORE_ENDPOINT: "http://127.0.0.1:9" };
    await expect(backUp(world, LOCATIONS.rclone, { env: gone })).rejects.toMatchObject({ exit: 5 });
    expect(rowsOf(world.home, "select outcome from backups")).toEqual([{ outcome: "failed" }, { outcome: "failed" }]);
    expect(rowsOf(world.home, "select * from backups where instr(error_message, 'not-the-key')")).toEqual([]);
  });
});
