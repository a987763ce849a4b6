import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { openApi } from "../../src/api/open-api.ts";
import type { ReceivedRecord } from "../../src/api/client.ts";
import { answer, ok, startRawServer } from "../assets/download/raw-server.ts";
import { failure, idle, TOKEN } from "./opened.ts";

const ID = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const RECORD = `{"id":"${ID}","request":{"lyric":"na ${"naaa ".repeat(2000)}"}}`;

type Asked = { requests: number; result: Promise<ReceivedRecord[]>; host: string };

/** One question to an API that answers every request with these bytes. */
async function ask(reply: Buffer, use: (asked: Asked) => Promise<void>): Promise<void> {
  await using server = await startRawServer((socket) => void socket.write(reply));
  await using api = openApi({ apiUrl: server.origin, token: TOKEN, userAgent: "x", rate: 0, random: () => 0 });
  const result = api.fetchTasks([ID], { signal: idle });
  await use({
    result,
    host: `127.0.0.1:${server.port}`,
    get requests() {
      return server.requests.length;
    },
  });
}

describe("an answer with a record is read", () => {
  const encoded = (word: string, bytes: Buffer) => ok(bytes, { "content-encoding": word });
  const hint = Buffer.from("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
  const interim = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");
  test.each([
    ["in gzip", encoded("gzip", gzipSync(RECORD))],
    ["in x-gzip, in capitals", encoded("X-GZIP", gzipSync(RECORD))],
    ["in deflate", encoded("deflate", deflateSync(RECORD))],
    ["in deflate without its wrapper", encoded("deflate", deflateRawSync(RECORD))],
    ["in brotli", encoded("br", brotliCompressSync(RECORD))],
    ["in zstd", encoded("zstd", zstdCompressSync(RECORD))],
    ["in gzip within deflate", encoded("gzip, deflate", deflateSync(gzipSync(RECORD)))],
    ["under a word that is no encoding", encoded("utf-8", Buffer.from(RECORD))],
    ["under the name of gzip, but plain", encoded("gzip", Buffer.from(RECORD))],
    ["after 100 Continue", Buffer.concat([interim, ok(RECORD)])],
    ["after 103, 100 and 100", Buffer.concat([hint, interim, interim, ok(RECORD)])],
    ["with status 206", answer("206 Partial Content", { "content-length": String(RECORD.length) }, RECORD)],
  ])("%s", async (_name, reply) => {
    await ask(reply, async ({ result }) => {
      expect((await result).map(({ document }) => document)).toEqual([RECORD]);
    });
  });

  test("after 100 Continue that comes byte by byte, and again on the same connection", async () => {
    await using server = await startRawServer(async (socket) => {
      for (const byte of Buffer.concat([interim, interim])) {
        socket.write(Buffer.from([byte]));
        await new Promise(setImmediate);
      }
      socket.write(ok(RECORD));
    });
    await using api = openApi({ apiUrl: server.origin, token: TOKEN, userAgent: "x", rate: 0 });
    for (let n = 0; n < 2; n++) expect(await api.fetchTasks([ID], { signal: idle, tries: 1 })).toHaveLength(1);
  });
});

describe("what is in front of the API is named, asked once, and no word about the account", () => {
  const page = (text: string) => `<!DOCTYPE html><html><head><title>${text}</title></head><body>x</body></html>`;
  const html = (status: string, body: string, headers = {}) =>
    answer(status, { "content-type": "text/html", "content-length": String(body.length), ...headers }, body);
  test.each([
    ["403 Forbidden", page("Attention Required! | Cloudflare"), {}, /^Cloudflare answered 403 in place of the API at/],
    [
      "403 Forbidden",
      page("Just a moment..."),
      { "cf-mitigated": "challenge" },
      /^Cloudflare .*"Just a moment\.\.\."$/,
    ],
    ["403 Forbidden", "error code: 1020", { server: "cloudflare" }, /^Cloudflare answered 403/],
    ["403 Forbidden", '{"title":"Error 1020","status":403,"cloudflare_error":true}', {}, /^Cloudflare answered 403/],
    [
      "401 Unauthorized",
      page("Sign in to the firm's network"),
      {},
      /^a web page answered 401 .*"Sign in to the firm's/,
    ],
    ["404 Not Found", page("404 Not Found"), { server: "nginx" }, /^a web page answered 404/],
    ["407 Proxy Authentication Required", "no", {}, /^a proxy that asks for a login answered 407/],
    ["511 Network Authentication Required", page("Wi-Fi"), {}, /^the login page of this network answered 511/],
    ["200 OK", page("Captive Portal"), {}, /^the login page of this network answered 200/],
    [
      "308 Permanent Redirect",
      "",
      { location: "https://api.example/producer/tasks" },
      /answered 308 and points to https:\/\/api\.example\/producer\/tasks$/,
    ],
    [
      "307 Temporary Redirect",
      "",
      { location: "/v2/producer/tasks" },
      /points to http:\/\/127\.0\.0\.1:\d+\/v2\/producer\/tasks$/,
    ],
    [
      "302 Found",
      "",
      { location: "http://wifi.hotel/login?u=x" },
      /points to http:\/\/wifi\.hotel\/login\?u=x, a login page$/,
    ],
  ] as const)("%s %s %o", async (status, body, headers, message) => {
    await ask(html(status, body, headers), async (asked) => {
      const error = await failure(asked.result);
      expect(error).toMatchObject({ followUp: "in_front", message: expect.stringMatching(message) as unknown });
      expect(error.hint).not.toContain("this account");
      expect(asked.requests).toBe(1);
      expect(error.message).toMatch(/http|the API at 127\.0\.0\.1/);
    });
  });

  test("a redirect to the same path elsewhere says how to follow it", async () => {
    const reply = html("301 Moved Permanently", "", { location: "https://api2.example/producer/tasks" });
    await ask(reply, async ({ result }) => {
      expect((await failure(result)).hint).toContain("PRODUCER_MIRROR_API_URL=https://api2.example");
    });
  });

  test("what may pass is asked again, and its page is named all the same", async () => {
    await ask(html("522 Origin Timed Out", page("x"), { server: "cloudflare" }), async (asked) => {
      const error = await failure(asked.result);
      expect(error).toMatchObject({ followUp: "retry", tries: 5 });
      expect(error.message).toMatch(/^Cloudflare, which is in front of the API at .*, answered 522: "x"$/);
    });
  });
});

describe("the words of an error are shown, whatever its shape", () => {
  test.each([
    ['{"message":"no Route matched"}', "no Route matched"],
    ['{"msg":"so it is"}', "so it is"],
    ['{"success":false,"message":"so it is"}', "so it is"],
    ['{"error":{"detail":"so it is"}}', "so it is"],
    ['{"errors":[{"title":"so it is"}]}', "so it is"],
    ['{"errors":["so it is"]}', "so it is"],
    ['{"detail":[{"loc":["body"],"msg":"so it is"}]}', "so it is"],
    ['{"type":"about:blank","title":"so it is","status":403}', "so it is"],
    ['{"Fault":"so it is"}', '{"Fault":"so it is"}'],
    ['"so it is"', '"so it is"'],
    ["so it is", "so it is"],
  ])("%s", async (body, words) => {
    const reply = answer("403 Forbidden", { "content-length": String(body.length) }, body);
    await ask(reply, async ({ result }) => {
      const error = await failure(result);
      expect(error.message).toBe(`the API answered 403 forbidden: "${words}"`);
      expect(error).toMatchObject({ followUp: "refused" });
      expect(error.hint).not.toContain("this account");
    });
  });

  test.each(['{"error":"token_expired","error_description":"old"}', '{"code":"token_expired","message":"old"}'])(
    "a code is found in %s",
    async (body) => {
      const reply = answer("400 Bad Request", { "content-length": String(body.length) }, body);
      await ask(reply, async ({ result }) => {
        expect(await failure(result)).toMatchObject({ followUp: "refused", code: "token_expired" });
      });
    },
  );
});
