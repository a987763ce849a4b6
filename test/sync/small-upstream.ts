import type { Api, ReceivedRecord } from "../../src/api/client.ts";
import { AssetError, type AssetErrorDetails } from "../../src/assets/asset-error.ts";
import type { Downloader } from "../../src/assets/download/download.ts";
import type { DownloadedFile, WantedFile } from "../../src/assets/wanted-file.ts";
import { readRecord } from "../../src/record/wire.ts";
import { FACTS } from "../archive/saving.ts";

export const taskId = (n: number) => `1a6ac2ad-10f2-4e2b-b500-${String(n).padStart(12, "0")}`;

export const FILE: DownloadedFile = { ...FACTS, proof: "boxes", path: "", bytes: 10, sha256: "new" };

/** The record of task n with one song, whose two files lie at addresses of its number. */
export function recordOf(id: string, more: object = {}): object {
  const url = `https://a.example/${Number(id.slice(-12))}`;
  const data = [{ id, state: "succeeded", audio_url: url, image_url: `${url}.jpg` }];
  const response = { success: true, data };
  return { id, type: "audios", created_at: 1, finished_at: 2, request: {}, response, ...more };
}

export type Answer = (ids: string[], request: number) => object[];
/** Everything that is asked for is known. */
export const ALL: Answer = (ids) => ids.map((id) => recordOf(id));

/** A service that gives these records, slower than a file comes; `asked` gets each batch. */
export function serviceThat(answer: Answer, asked: string[][]): Api {
  return {
    get requests() {
      return asked.length;
    },
    fetchTasks: async (ids: string[]) => {
      const request = asked.push(ids);
      await new Promise((resolve) => setImmediate(resolve));
      return answer(ids, request).map(received);
    },
  } as unknown as Api;
}

export function received(record: object): ReceivedRecord {
  const document = JSON.stringify(record);
  return { document, reading: readRecord(document) };
}

/** Hosts that give these files; `urls` gets what was asked for, without `https://a.example/`. */
export function downloaderThat(
  download: (wanted: WantedFile) => DownloadedFile | AssetErrorDetails,
  urls: string[],
  more: Partial<Downloader> = {},
): Downloader {
  return {
    download: async (wanted) => {
      urls.push(wanted.url.slice("https://a.example/".length));
      await Promise.resolve();
      const given = download(wanted);
      if (!("sha256" in given)) throw new AssetError("http", "it broke", given);
      return { ...given, path: `1a/${wanted.id}.${wanted.kind}` };
    },
    adopt: async () => Promise.resolve(null),
    hasFile: async () => Promise.resolve(false),
    removeQuarantined: async () => Promise.resolve(0),
    isThere: async () => Promise.resolve(true),
    close: async () => Promise.resolve(),
    ...more,
  };
}
