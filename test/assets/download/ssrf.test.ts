import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answer, ok, startRawServer, type RawServer } from "./raw-server.ts";
import { media, setUp, type Setup } from "./setup.ts";

/** Forms of this machine's and other private addresses; PORT becomes that of a sentinel that must never be reached. */
const HOSTS =
  `127.0.0.1 127.0.0.2 127.1 127.0.1 127.127.127.127 0 0.0.0.0 0x0 00 0x7f.1 0x7f.0.0.1 0x7f000001 0X7F.0X0.0X0.0X1 0177.0.0.1 0177.1
017700000001 2130706433 4294967295 127.0.0.1. 127.1. 0x7f.1. ①②⑦.⓪.⓪.① １２７.０.０.１ 127。0。0。1 127%2e0%2e0%2e1 %31%32%37.1 localhost LOCALHOST
LocalHost localhost. foo.localhost foo.localhost. ⓛocalhost [::1] [::] [0:0:0:0:0:0:0:1] [0000::0001] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [::7f00:1]
[::ffff:0:127.0.0.1] [::ffff:a9fe:a9fe] [64:ff9b::7f00:1] [64:ff9b::127.0.0.1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::] [fe80::1] [fe80::1%25lo]
[fc00::1] [fd00:ec2::254] [ff02::1] [fec0::1] [2001:db8::1] 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255 100.64.0.1 100.100.100.200
169.254.169.254 169.254.170.2 0xa9fea9fe 2852039166 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255`.split(
    /\s+/,
  );

let sentinels: RawServer[];
let allowed: RawServer;
let my: Setup;

beforeAll(async () => {
  const reply = (socket: { write(bytes: Buffer): unknown }) => void socket.write(ok(media("faststart.m4a")));
  sentinels = [
    await startRawServer(reply),
    await startRawServer(reply, "::1"),
    await startRawServer(reply, "127.0.0.2"),
  ];
  allowed = await startRawServer((socket, { path }) => {
    const location = Buffer.from(decodeURIComponent(path.slice(1))).toString("latin1");
    socket.write(answer("302 Found", { location, "content-length": "0" }));
  });
  my = await setUp({ assetHosts: [`127.0.0.1:${allowed.port}`], idleTimeoutSeconds: 3 });
});
afterAll(async () => {
  for (const server of [...sentinels, allowed]) await server[Symbol.asyncDispose]();
  await my[Symbol.asyncDispose]();
});

describe("no connection to a private address", () => {
  test.each(HOSTS)("F84: %s", async (host) => {
    for (const { port } of sentinels) {
      for (const url of [`http://${host}:${port}/a`, `https://${host}:${port}/a`])
        expect(await my.fail(url)).toMatchObject(REFUSED);
    }
    expect(await my.fail(`https://${host}/a`)).toMatchObject(REFUSED);
    expect(sentinels.map((server) => server.connections())).toEqual([0, 0, 0]);
  });

  test.each(HOSTS)("F87: %s by a redirect of a host that is allowed", async (host) => {
    const targets = sentinels.flatMap(({ port }) => [`http://${host}:${port}/a`, `//${host}:${port}/a`]);
    for (const target of targets)
      expect(await my.fail(`${allowed.origin}/${encodeURIComponent(target)}`)).toMatchObject(REFUSED);
    expect(sentinels.map((server) => server.connections())).toEqual([0, 0, 0]);
  });

  test("F84: the sentinels would have answered", async () => {
    await using open = await setUp({ assetHosts: ["127.0.0.1", "[::1]", "127.0.0.2"] });
    for (const server of sentinels) await open.get(`${server.origin}/a`, { id: server.origin });
    expect(sentinels.map((server) => server.connections())).toEqual([1, 1, 1]);
  });

  test("E74: nothing that a body names is fetched", async () => {
    await using hls = await startRawServer(
      (socket) => void socket.write(ok(`#EXTM3U\n#EXTINF:1,\n${sentinels[0]?.origin}/secret\n`)),
    );
    await using other = await setUp({ assetHosts: [`127.0.0.1:${hls.port}`] });
    const before = sentinels.map((server) => server.connections());
    expect((await other.fail(`${hls.origin}/a`)).message).toContain("an HLS playlist");
    expect(sentinels.map((server) => server.connections())).toEqual(before);
  });
});

const REFUSED = { name: "AssetError", code: "refused_url", followUp: "never" };
