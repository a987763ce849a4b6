import { expect, test } from "vitest";
import { createByteCheck } from "../../../src/assets/download/check-bytes.ts";
import { readFacts } from "../../../src/assets/download/response.ts";
import { ID, media } from "./setup.ts";

const song = media("faststart.m4a");
const WANT = { url: "https://x/a.m4a", kind: "audio", id: ID, durationSeconds: null } as const;

/** undici ends such a body with an error of its own; the bytes are counted all the same. */
test.each([song.length + 1, song.length - 1])(
  "E64: a complete song of another length than the stated %i bytes is refused",
  (total) => {
    const check = createByteCheck(WANT, { ...readFacts(200, {}), totalBytes: total }, 1e9);
    check.update(song);
    expect(() => check.finish(200)).toThrow(`${song.length} of ${total} bytes arrived`);
  },
);

test("E64: a song of the stated length is accepted, and the length is part of its proof", () => {
  const check = createByteCheck(WANT, { ...readFacts(200, {}), totalBytes: song.length }, 1e9);
  check.update(song);
  expect(check.finish(200).proof).toBe("length boxes");
});
