import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { loadConfig, type Flags } from "../src/config.ts";
import { UsageError } from "../src/lib/errors.ts";
import { SETTINGS } from "../src/settings.ts";
import { temporaryFolder } from "./helpers/temporary-archive.ts";

let folder: ReturnType<typeof temporaryFolder>;
let cwd: string;
let home: string;

beforeEach(() => {
  folder = temporaryFolder();
  cwd = join(folder.path, "cwd");
  home = join(folder.path, "home");
  mkdirSync(cwd);
  mkdirSync(home);
});
afterEach(() => folder[Symbol.dispose]());

function dotEnv(where: string, text: string, mode = 0o600): void {
  writeFileSync(join(where, ".env"), text);
  chmodSync(join(where, ".env"), mode);
}

function load(flags: Flags = {}, env: Record<string, string> = {}) {
  return loadConfig(flags, env, cwd);
}

function problem(flags: Flags, env: Record<string, string> = {}): UsageError {
  try {
    load(flags, env);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

describe("loadConfig", () => {
  it("has the defaults of the contract", () => {
    expect(load()).toEqual({
      home: join(cwd, "data"),
      assets: join(cwd, "data", "assets"),
      token: undefined,
      apiUrl: "https://api.acedata.cloud",
      assetHosts: [],
      kinds: ["audio", "wav", "stems", "image", "video"],
      from: [],
      rate: 1,
      batchSize: 50,
      concurrency: 8,
      idleTimeoutSeconds: 30,
      listen: { host: "127.0.0.1", port: 6464 },
      receiveListen: { host: "127.0.0.1", port: 6465 },
      publicUrl: undefined,
      allowedHosts: [],
      serveKey: undefined,
      warnings: [],
    });
  });

  it("takes a flag before the environment, that before <home>/.env, that before .env here; empty counts as unset", () => {
    const env = { PRODUCER_MIRROR_HOME: home };
    const rate = (flags: Flags = {}, more: Record<string, string> = {}) => load(flags, { ...env, ...more }).rate;
    expect(rate()).toBe(1);
    dotEnv(cwd, "PRODUCER_MIRROR_RATE=2");
    expect(rate()).toBe(2);
    dotEnv(home, "PRODUCER_MIRROR_RATE=3");
    expect(rate()).toBe(3);
    expect(rate({}, { PRODUCER_MIRROR_RATE: "4" })).toBe(4);
    expect(rate({ rate: "5" }, { PRODUCER_MIRROR_RATE: "4" })).toBe(5);
    expect(rate({ rate: "" }, { PRODUCER_MIRROR_RATE: "4" })).toBe(4);
    expect(rate({ rate: " " }, { PRODUCER_MIRROR_RATE: "" })).toBe(3);
    dotEnv(home, "PRODUCER_MIRROR_RATE=");
    expect(rate()).toBe(2);
  });

  it("finds the home by flag, environment, .env here", () => {
    dotEnv(cwd, "PRODUCER_MIRROR_HOME=from-file");
    expect(load().home).toBe(join(cwd, "from-file"));
    expect(load({}, { PRODUCER_MIRROR_HOME: home }).home).toBe(home);
    expect(load({ home: "elsewhere" }, { PRODUCER_MIRROR_HOME: home }).home).toBe(join(cwd, "elsewhere"));
    expect(load({ home: " " }).home).toBe(join(cwd, "from-file"));
  });

  it("makes paths absolute", () => {
    expect(load({ assets: "../files", from: ["a.txt", "/b.json"] })).toMatchObject({
      assets: join(folder.path, "files"),
      from: [join(cwd, "a.txt"), "/b.json"],
    });
    expect(load({}, { PRODUCER_MIRROR_FROM: "a.txt, b.txt," }).from).toEqual([join(cwd, "a.txt"), join(cwd, "b.txt")]);
  });

  it("leaves out blanks around a value, and reads quotes and comments of a .env", () => {
    dotEnv(cwd, "PRODUCER_MIRROR_BATCH=\" 7 \" # seven\nACEDATACLOUD_API_TOKEN='abc'\n");
    expect(load()).toMatchObject({ batchSize: 7, token: "abc" });
  });
});

describe("values", () => {
  const bad: Record<keyof typeof SETTINGS, string[]> = {
    token: ["two words", "tab\there", "ümlaut", "line\nbreak"],
    home: [],
    assets: [],
    from: [],
    apiUrl: [
      "nonsense",
      "ftp://x",
      "http://example.com",
      "https://user:pw@x",
      "https://x/?q=1",
      "https://x/#a",
      "http://127.0.0.1.example.com",
      "//x",
    ],
    assetHosts: ["http://x", "x/y", "user@x", "x:0", "x:65536", "x:", ":80", "a b", "*.x", "x,[::1", "::1"],
    kinds: ["audio,covers", ",", "Audio"],
    rate: ["-1", "fast", "101", "1e2", "1,5", "Infinity"],
    batchSize: ["0", "51", "1.5", "x"],
    concurrency: ["0", "65", "2.5"],
    idleTimeout: ["0", "3601", "-5", "30s"],
    listen: ["6464", "127.0.0.1", "127.0.0.1:65536", "::1:6464", "http://x:1", "x:", ":80", "[x]:1"],
    receiveListen: ["6465", "x:y"],
    publicUrl: ["example.com", "ftp://x", "https://user:pw@x", "https://x/?q=1", "https://x/#a"],
    allowedHosts: ["http://x", "*.x", "a b"],
    serveKey: ["short", "two words that are long", "ümlauts-are-not-ascii"],
  };
  const good: Record<keyof typeof SETTINGS, [string, unknown][]> = {
    token: [["abc-DEF_123.~+/=", "abc-DEF_123.~+/="]],
    home: [["x", "x"]],
    assets: [["x", "x"]],
    from: [["a,b", ["a", "b"]]],
    apiUrl: [
      ["https://api.example.com/", "https://api.example.com"],
      ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
      ["http://localhost:1", "http://localhost:1"],
      ["http://[::1]:9/base//", "http://[::1]:9/base"],
    ],
    assetHosts: [
      ["Files.Example.com, 127.0.0.1:8080,[::1]:9", ["files.example.com", "127.0.0.1:8080", "[::1]:9"]],
      ["127.1:080", ["127.0.0.1:80"]],
      ["müller.example", ["xn--mller-kva.example"]],
    ],
    kinds: [["stems, audio,audio", ["audio", "stems"]]],
    rate: [
      ["0", 0],
      ["0.5", 0.5],
      ["100", 100],
    ],
    batchSize: [
      ["1", 1],
      ["50", 50],
    ],
    concurrency: [["64", 64]],
    idleTimeout: [
      ["0.2", 0.2],
      ["3600", 3600],
    ],
    listen: [
      ["127.0.0.1:6464", { host: "127.0.0.1", port: 6464 }],
      ["[::1]:0", { host: "::1", port: 0 }],
      ["Nas.local:80", { host: "nas.local", port: 80 }],
    ],
    receiveListen: [["0.0.0.0:6465", { host: "0.0.0.0", port: 6465 }]],
    publicUrl: [
      ["", ""],
      ["https://hooks.example.com/", "https://hooks.example.com"],
      ["https://example.com/songs/", "https://example.com/songs"],
    ],
    allowedHosts: [["nas.local, 192.168.1.5:6464", ["nas.local", "192.168.1.5:6464"]]],
    serveKey: [["0123456789abcdef", "0123456789abcdef"]],
  };
  const names = Object.keys(SETTINGS) as (keyof typeof SETTINGS)[];

  test.each(names.flatMap((name) => bad[name].map((text) => [name, text] as const)))(
    "%s does not take %j",
    (name, text) => {
      const { variable, takes } = SETTINGS[name];
      const error = problem({}, { [variable]: text });
      expect(error.exit).toBe(2);
      expect(error.message).toContain(variable);
      expect(error.message).toContain(takes);
      expect(error.message.includes(text)).toBe(name !== "token" && name !== "serveKey");
    },
  );

  test.each(names.flatMap((name) => good[name].map(([text, value]) => [name, text, value] as const)))(
    "%s takes %j",
    (name, text, value) => {
      expect(SETTINGS[name].parse(text)).toEqual(value);
    },
  );

  it("every default is one that it takes", () => {
    expect(names.filter((name) => SETTINGS[name].parse(SETTINGS[name].default) === undefined)).toEqual([]);
  });

  it("a bad flag is named with its variable", () => {
    expect(problem({ batchSize: "51" }).message).toMatch(
      /--batch-size \(PRODUCER_MIRROR_BATCH\) is "51"; it takes .*1 to 50/,
    );
  });

  it("I14: a token that is none is not shown", () => {
    expect(problem({}, { ACEDATACLOUD_API_TOKEN: "secret words" }).message).not.toContain("secret");
  });
});

describe("G: an API URL and its token", () => {
  const url = "https://evil.example";
  const token = "ACEDATACLOUD_API_TOKEN=mine";

  it("a .env names the API only beside its own token", () => {
    dotEnv(cwd, `PRODUCER_MIRROR_API_URL=${url}`);
    expect(load({}, { ACEDATACLOUD_API_TOKEN: "mine" })).toMatchObject({
      apiUrl: "https://api.acedata.cloud",
      token: "mine",
    });
    expect(load({}, { ACEDATACLOUD_API_TOKEN: "mine" }).warnings).toEqual([expect.stringContaining("URL is ignored")]);
    dotEnv(cwd, `PRODUCER_MIRROR_API_URL=${url}\n${token}`);
    expect(load()).toMatchObject({ apiUrl: url, token: "mine", warnings: [] });
    expect(load({}, { ACEDATACLOUD_API_TOKEN: "other" }).apiUrl).toBe("https://api.acedata.cloud");
  });

  it("nor does one in the home, nor one in either for the other's token", () => {
    const env = { PRODUCER_MIRROR_HOME: home };
    dotEnv(home, token);
    dotEnv(cwd, `PRODUCER_MIRROR_API_URL=${url}`);
    expect(load({}, env)).toMatchObject({ apiUrl: "https://api.acedata.cloud", token: "mine" });
    dotEnv(cwd, token);
    dotEnv(home, `PRODUCER_MIRROR_API_URL=${url}`);
    expect(load({}, env)).toMatchObject({ apiUrl: "https://api.acedata.cloud", token: "mine" });
    dotEnv(home, `PRODUCER_MIRROR_API_URL=${url}\n${token}`);
    expect(load({}, env)).toMatchObject({ apiUrl: url, warnings: [] });
  });

  it("without a token there is nothing to send, and nothing to warn of", () => {
    dotEnv(cwd, `PRODUCER_MIRROR_API_URL=${url}`);
    expect(load()).toMatchObject({ apiUrl: "https://api.acedata.cloud", warnings: [] });
  });

  it("the environment and a flag name it freely", () => {
    dotEnv(cwd, `PRODUCER_MIRROR_API_URL=${url}`);
    const env = { PRODUCER_MIRROR_API_URL: "https://mine.example", ACEDATACLOUD_API_TOKEN: "mine" };
    expect(load({}, env)).toMatchObject({ apiUrl: "https://mine.example", warnings: [] });
    expect(load({ apiUrl: "http://127.0.0.1:5" }, env)).toMatchObject({ apiUrl: "http://127.0.0.1:5", warnings: [] });
  });

  it("one .env that both paths name is read once", () => {
    dotEnv(cwd, `PRODUCER_MIRROR_API_URL=${url}\n${token}`, 0o644);
    expect(load({ home: "." })).toMatchObject({ apiUrl: url, warnings: [expect.stringContaining("chmod 600")] });
  });
});

describe("G: a .env that others may read", () => {
  it.each([
    [0o600, 0],
    [0o640, 1],
    [0o604, 1],
  ])("with mode %o warns %i times when it holds a token", (mode, count) => {
    dotEnv(cwd, "ACEDATACLOUD_API_TOKEN=abc", mode);
    expect(load().warnings).toHaveLength(count);
    expect(load().warnings.join()).not.toContain("abc");
    dotEnv(cwd, "PRODUCER_MIRROR_RATE=2", mode);
    expect(load().warnings).toEqual([]);
  });

  it("may be a folder: then there is none", () => {
    mkdirSync(join(cwd, ".env"));
    expect(load().rate).toBe(1);
  });
});
