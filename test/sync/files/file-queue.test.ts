import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ASSET_KINDS } from "../../../src/lib/asset-kinds.ts";
import { FileQueue } from "../../../src/sync/files/file-queue.ts";
import { NOW, saveAll } from "../../archive/saving.ts";
import { temporaryArchive, type TemporaryArchive } from "../../helpers/temporary-archive.ts";

const id = (number: number) => `${number}a6ac2ad-10f2-4e2b-b500-66ec27fe82ad`;
let archive: TemporaryArchive;
let queue: FileQueue;

/** A song with audio and cover: rows 2n - 1 and 2n of the files. */
function song(number: number): void {
  const data = [
    {
      id: id(number),
      state: "succeeded",
      audio_url: `https://a.example/${number}.m4a`,
      image_url: `https://a.example/${number}.jpg`,
    },
  ];
  saveAll(archive, [
    { id: id(number), type: "audios", finished_at: 2, request: {}, response: { success: true, data } },
  ]);
}

const next = async () => {
  const asset = await queue.next();
  return asset && `${asset.kind} ${asset.clipId?.[0]}`;
};
const setState = (row: number, state: string) =>
  archive.db.$client.prepare("update assets set state = ? where id = ?").run(state, row);
/** True while nobody has answered within a turn of the event loop. */
const isWaiting = async (promise: Promise<unknown>) =>
  (await Promise.race([
    promise.then(() => "answered"),
    new Promise((resolve) => setTimeout(resolve, 20, "waiting")),
  ])) === "waiting";

beforeEach(() => {
  archive = temporaryArchive();
  for (const number of [1, 2, 3]) song(number);
  queue = new FileQueue(archive.db, { kinds: [...ASSET_KINDS], now: NOW });
});
afterEach(() => archive[Symbol.dispose]());

describe("FileQueue", () => {
  it("gives audio before covers, each once, then ends", async () => {
    queue.close();
    const given = [];
    for (let one = await next(); one !== undefined; one = await next()) given.push(one);
    expect(given).toEqual(["audio 1", "audio 2", "audio 3", "image 1", "image 2", "image 3"]);
    expect(await next()).toBeUndefined();
  });

  it("finds rows behind its cursor once it is closed: a fresh URL may have made an earlier one due again", async () => {
    setState(1, "stored");
    expect([await next(), await next(), await next()]).toEqual(["audio 2", "audio 3", "image 1"]);
    setState(1, "wanted");
    const rest = [await next(), await next()];
    expect(rest).toEqual(["image 2", "image 3"]);
    queue.close();
    expect(await next()).toBe("audio 1");
    expect(await next()).toBeUndefined();
  });

  it("never gives a row twice, though its download has failed meanwhile", async () => {
    expect(await next()).toBe("audio 1");
    setState(1, "failed");
    queue.close();
    const given = [];
    for (let one = await next(); one !== undefined; one = await next()) given.push(one);
    expect(given).not.toContain("audio 1");
    expect(given).toHaveLength(5);
  });

  it("waits while tasks may bring new rows; a new song is given when it is woken", async () => {
    for (let count = 0; count < 6; count++) await next();
    const waiting = next();
    expect(await isWaiting(waiting)).toBe(true);
    song(4);
    queue.wake();
    expect(await waiting).toBe("audio 4");
  });

  it("wakes all that wait when it is closed", async () => {
    for (let count = 0; count < 6; count++) await next();
    const waiting = [next(), next()];
    queue.close();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  });

  it("gives only the wanted kinds", async () => {
    queue = new FileQueue(archive.db, { kinds: ["image"], now: NOW });
    queue.close();
    expect([await next(), await next(), await next(), await next()]).toEqual([
      "image 1",
      "image 2",
      "image 3",
      undefined,
    ]);
  });
});
