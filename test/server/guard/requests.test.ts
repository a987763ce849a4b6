import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sendRaw, serveWorld, statusOf, type Served } from "../served.ts";

const KEY = "env-key-0123456789abcdef";
let served: Served;
beforeAll(async () => (served = await serveWorld({}, { serveKey: KEY })));
afterAll(() => served[Symbol.asyncDispose]());

const raw = (line: string, headers: string[] = [], body = "") =>
  sendRaw(
    served.port,
    [`${line} HTTP/1.1`, `Host: 127.0.0.1:${served.port}`, ...headers, "Connection: close", "", body].join("\r\n"),
  );

/** What the archive consists of; readers touch the write-ahead log and nothing else. */
function contents(): string[] {
  const { home } = served.world;
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/-(wal|shm)$|^keys-used/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => `${path} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`)
    .toSorted();
}

const CHANGES: [string, string][] = [
  ["POST", "/api/sync"],
  ["POST", "/api/verify"],
  ["PUT", "/api/clips/x/star"],
  ["DELETE", "/api/playlists/1"],
];

describe("I112: only a page of this server, or a key in a header, changes something", () => {
  const own = () => `http://127.0.0.1:${served.port}`;
  test.each<[string, string[]]>([
    ["neither Origin nor Sec-Fetch-Site", []],
    ["another Origin", ["Origin: http://evil.example"]],
    ["no origin, as from a file or a sandbox", ["Origin: null"]],
    ["an Origin of the same host and another port", ["Origin: http://127.0.0.1:1"]],
    ["an Origin that begins with ours", ["Origin: OWN.evil.example"]],
    ["ours as the user of another", ["Origin: OWN@evil.example"]],
    ["two Origins", ["Origin: OWN", "Origin: http://evil.example"]],
    ["another site, by what the browser says", ["Sec-Fetch-Site: cross-site"]],
    ["another port of the site, by what the browser says", ["Sec-Fetch-Site: same-site"]],
    ["a browser's other page with our Origin", ["Origin: OWN", "Sec-Fetch-Site: cross-site"]],
    ["another Origin that says it is ours", ["Origin: http://evil.example", "Sec-Fetch-Site: same-origin"]],
    ["typed by a person", ["Sec-Fetch-Site: none"]],
    ["a form", ["Origin: http://evil.example", "Content-Type: text/plain", "Content-Length: 2"]],
    ["a cookie alone", [`Cookie: producer_mirror=${Buffer.from("env").toString("base64url")}.x`]],
  ])("%s: 403", async (_what, headers) => {
    for (const [method, path] of CHANGES)
      expect(
        statusOf(
          await raw(
            `${method} ${path}`,
            headers.map((line) => line.replace("OWN", own())),
            headers.length === 3 ? "{}" : "",
          ),
        ),
      ).toBe(403);
  });

  test("our own page and a key in a header may", async () => {
    for (const headers of [[`Origin: ${own()}`], ["Sec-Fetch-Site: same-origin"], [`Authorization: Bearer ${KEY}`]])
      expect(statusOf(await raw("PUT /api/nosuch", headers))).toBe(404);
  });

  test("a page of another site is not even given an answer, except to a link that a person follows", async () => {
    const site = "Sec-Fetch-Site: cross-site";
    for (const [mode, dest] of [
      "no-cors image",
      "no-cors audio",
      "no-cors script",
      "cors empty",
      "navigate iframe",
    ].map((words) => words.split(" ")))
      for (const path of ["/", "/api/clips", "/media/x/audio", "/healthz"])
        expect(statusOf(await raw(`GET ${path}`, [site, `Sec-Fetch-Mode: ${mode}`, `Sec-Fetch-Dest: ${dest}`]))).toBe(
          403,
        );
    const link = [site, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"];
    expect(statusOf(await raw("GET /", link))).toBe(200);
    expect(statusOf(await raw("POST /", link))).toBe(403);
  });

  test("GET, HEAD and OPTIONS change nothing", async () => {
    const before = contents();
    const own = { "sec-fetch-site": "same-origin", authorization: `Bearer ${KEY}` };
    for (const [, path] of [
      ...CHANGES,
      ["", "/login"],
      ["", "/api/clips"],
      ["", "/api/status"],
      ["", "/readyz"],
    ] as const)
      for (const method of ["GET", "HEAD", "OPTIONS"])
        await (await fetch(`${served.url}${path}?method=POST&_method=PUT`, { method, headers: own })).text();
    expect(contents()).toEqual(before);
  });
});

describe("I115: what every answer carries", () => {
  const cases: [string, () => Promise<string>, number][] = [
    ["the page", () => raw("GET /"), 200],
    ["data", () => raw("GET /api/clips"), 200],
    ["a bad question", () => raw("GET /api/clips?limit=x"), 400],
    ["an unknown path", () => raw("GET /api/nosuch"), 404],
    ["an unknown method", () => raw("TRACE /api/clips"), 403],
    ["another site", () => raw("GET /", ["Origin: http://evil.example"]), 403],
    ["another host", () => sendRaw(served.port, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 421],
    ["an expectation", () => raw("GET /healthz", ["Expect: the-unexpected"]), 200],
    ["no HTTP", () => sendRaw(served.port, "hello\r\n\r\n"), 400],
    ["headers of 9 KB", () => raw("GET /", [`X-Long: ${"x".repeat(9000)}`]), 431],
    ["a length and chunks", () => raw("POST /", ["Content-Length: 3", "Transfer-Encoding: chunked"], "0\r\n\r\n"), 400],
  ];
  test.each(cases)("%s", async (_what, ask, status) => {
    const answer = await ask();
    expect(statusOf(answer)).toBe(status);
    const head = answer.split("\r\n\r\n")[0] ?? "";
    expect(head).toMatch(
      /^content-security-policy: default-src 'none'; script-src 'self';.*frame-ancestors 'none'\r?$/im,
    );
    expect(head).toMatch(/^x-content-type-options: nosniff/im);
    expect(head).toMatch(/^referrer-policy: no-referrer/im);
    expect(head).toMatch(/^cross-origin-resource-policy: same-origin/im);
    expect(head).not.toMatch(/^(access-control-|server:|x-powered-by)/im);
    expect(answer).not.toMatch(/node_modules|\.[tj]s:\d+/);
  });

  test("bytes that cannot be read, after an answer, are no second answer", async () => {
    const own = `Host: 127.0.0.1:${served.port}`;
    const answer = await sendRaw(served.port, `GET /healthz HTTP/1.1\r\n${own}\r\n\r\nhello\r\n\r\n`);
    expect(answer.match(/HTTP\/1\.1/g) ?? []).toHaveLength(1);
  });
});

test("I117: no other origin is ever allowed, and a preflight is refused", async () => {
  const ask = (line: string, origin: string) => raw(line, [`Origin: ${origin}`, "Access-Control-Request-Method: PUT"]);
  for (const line of ["OPTIONS /api/sync", "OPTIONS /api/clips/x/star", "GET /api/clips"]) {
    for (const origin of ["http://evil.example", "null"]) {
      const answer = await ask(line, origin);
      expect(answer).not.toMatch(/access-control/i);
      expect(statusOf(answer)).toBe(403);
    }
    expect(await ask(line, `http://127.0.0.1:${served.port}`)).not.toMatch(/access-control/i);
  }
});

describe("I113: no path leads out of what a route claims", () => {
  test.each([
    "/..%2f..%2f..%2fetc/passwd",
    "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/../../../etc/passwd",
    "/assets/..%2f..%2fpackage.json",
    "/assets/%2e%2e%2fserve-worker.js",
    "/assets/..%5c..%5cpackage.json",
    "/assets/%252e%252e%252fpackage.json",
    "/media/..%2farchive.db/audio",
    "/media/%2e%2e/archive.db",
    "/api/clips/..%2f..%2fkeys.json",
    "/api/%00",
    "/assets/%00",
    "/assets/%c0%ae%c0%ae/package.json",
    "/media/%ff/audio",
    "/api/clips/..;/..;/archive.db",
    "/x%2f..%2f..%2fapi%2fstatus",
    "//evil.example/archive.db",
    "/\\evil.example/archive.db",
    "/keys.json",
    "/archive.db",
    "/.env",
  ])("%s", async (path) => {
    const answer = await raw(`GET ${path}`);
    expect([400, 404]).toContain(statusOf(answer));
    expect(answer).not.toMatch(/root:|"dependencies"|SQLite format/);
  });
});
