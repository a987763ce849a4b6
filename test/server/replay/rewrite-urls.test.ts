import { expect, test } from "vitest";
import { rewriteUrls } from "../../../src/server/replay/rewrite-urls.ts";

const URLS = new Map([["https://a/b.m4a", "http://m/media/1/audio"]]);
const NEW = '"http://m/media/1/audio"';

test.each([
  ['{"u":"https://a/b.m4a"}', `{"u":${NEW}}`],
  ['{ "u" : "https:\\/\\/a\\/b.m4a" , "n":1.0}', `{ "u" : ${NEW} , "n":1.0}`],
  ['["\\u0068ttps://a/b\\u002em4a","x"]', `[${NEW},"x"]`],
  ['"https://a/b.m4a"', NEW],
  ['{"https://a/b.m4a" : "https://a/b.m4a"}', `{"https://a/b.m4a" : ${NEW}}`],
  ['{"u":"https://a/b.m4a?x"}', '{"u":"https://a/b.m4a?x"}'],
  ['{"u":"see https://a/b.m4a"}', '{"u":"see https://a/b.m4a"}'],
  ['{"u":"a \\"https://a/b.m4a\\" b","v":"\\\\"}', '{"u":"a \\"https://a/b.m4a\\" b","v":"\\\\"}'],
  ['{"u":"HTTPS://a/b.m4a","n":12345678901234567890}', '{"u":"HTTPS://a/b.m4a","n":12345678901234567890}'],
])("%s", (text, wanted) => {
  expect(rewriteUrls(text, URLS)).toBe(wanted);
});

test("a text of megabytes, escaped from end to end", () => {
  const long = `{"l":"${"\\n".repeat(2_000_000)}","u":"https://a/b.m4a"}`;
  expect(rewriteUrls(long, URLS)).toBe(long.replace('"https://a/b.m4a"', NEW));
});
