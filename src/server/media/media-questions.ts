import crypto from "node:crypto";
import { openFile } from "../../assets/store/files.ts";
import { readChunks } from "../../lib/files/read.ts";
import type { About } from "../workers/about.ts";
import { printOf } from "./digests.ts";
import { thumbnailOf } from "./thumbnails/thumbnail-question.ts";

/** `print`: of the file that was read; "" when it changed meanwhile. */
export type FileDigest = { print: string; sha256: string };

/** What takes too long for the main thread. */
export const MEDIA_QUESTIONS = {
  thumbnail: thumbnailOf,
  fileDigest: async ({ assetsRoot }: About, { path }: { path: string }): Promise<FileDigest> => {
    await using file = await openFile(assetsRoot, path);
    const before = printOf(await file.stat({ bigint: true }));
    const hash = crypto.createHash("sha256");
    for await (const chunk of readChunks(file)) hash.update(chunk);
    const after = printOf(await file.stat({ bigint: true }));
    return { print: before === after ? after : "", sha256: hash.digest("hex") };
  },
};
