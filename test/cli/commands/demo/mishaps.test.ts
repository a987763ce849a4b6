import { expect, test } from "vitest";
import { demoMishaps } from "../../../../src/cli/commands/demo/mishaps.ts";
import { startDemoService } from "../../../../src/demo/service/demo-service.ts";
import { callApi, partsOf, requestRaw, sendRequest } from "../../../stand-in/http-client.ts";

const FOLDER = "/corpusant-app-public/riffs/author";

test("the first API request is refused with 429 and Retry-After, the second is not", async () => {
  await using service = await startDemoService({ mishaps: demoMishaps() });
  const refused = await callApi(service.url, { id: "x" });
  expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "2"]);
  expect((await callApi(service.url, { id: "x" })).status).toBe(200);
});

test("the first song is cut after 6000 bytes of its declared length and can be resumed, later files are complete", async () => {
  await using service = await startDemoService({ mishaps: demoMishaps() });
  const url = `${service.assetUrl}${FOLDER}/audio/one.m4a`;
  expect((await sendRequest(`${service.assetUrl}${FOLDER}/image/one.jpg`)).status).toBe(200);
  const cut = await requestRaw(url);
  const { head, body } = partsOf(cut);
  expect([cut.ended, body.length]).toEqual(["end", 6000]);
  const rest = await sendRequest(url, { headers: { range: "bytes=6000-" } });
  expect(head).toContain(`Content-Length: ${6000 + rest.body.length}`);
  expect(Buffer.concat([body, rest.body]).equals((await sendRequest(url)).body)).toBe(true);
});
