import { execFileSync, spawnSync } from "node:child_process";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld, TOKEN } from "../../helpers/world.ts";
import { makeAuthority, selfSigned, type Certificate } from "./certificates.ts";

vi.setConfig({ testTimeout: 120_000 });

type Api = AsyncDisposable & { url: string; requests: () => number };

/** An API that knows no task; it counts what reaches it through TLS. */
async function startApi(certificate: Certificate): Promise<Api> {
  let requests = 0;
  const server: Server = createServer(certificate, (_request, response) => {
    requests++;
    response.setHeader("content-type", "application/json").end('{"items":[],"count":0}');
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, requests: () => requests, [Symbol.asyncDispose]: close };
}

test("D59: certificates that are self-signed, expired, of another name or of an unknown authority: 5, and the token is sent to nobody", async (ctx) => {
  ctx.skip(spawnSync("openssl", ["version"]).status !== 0, "needs openssl");
  await using world = await makeWorld({ tasks: 2 });
  const authority = makeAuthority(world.folder);
  const trusted = { NODE_EXTRA_CA_CERTS: authority.path };
  const cases: [string, Certificate, Record<string, string>][] = [
    ["self-signed", selfSigned(world.folder, "127.0.0.1"), trusted],
    ["expired", authority.issue("127.0.0.1", -1), trusted],
    ["another name", authority.issue("example.org", 9), trusted],
    ["unknown authority", authority.issue("127.0.0.1", 9), {}],
  ];
  const refused = async ([name, certificate, env]: (typeof cases)[number]) => {
    await using api = await startApi(certificate);
    const home = `${world.home} ${name}`;
    execFileSync("cp", ["-a", world.home, home]);
    const more = { PRODUCER_MIRROR_HOME: home, PRODUCER_MIRROR_API_URL: api.url };
    const end = await world.mirrorWith({ env: { ...env, ...more } }, "sync", "--json");
    expect({ name, code: end.code, json: end.json }).toMatchObject({
      name,
      code: 5,
      json: { error: { exit: 5, message: expect.stringContaining("certificate") as unknown } },
    });
    expect({ name, requests: api.requests(), reported: (end.stdout + end.stderr).includes(TOKEN) }).toEqual({
      name,
      requests: 0,
      reported: false,
    });
  };
  await Promise.all(cases.map(refused));
  await using api = await startApi(authority.issue("127.0.0.1", 9));
  expectCode(await world.mirrorWith({ env: { ...trusted, PRODUCER_MIRROR_API_URL: api.url } }, "sync"), 0);
  expect(api.requests()).toBeGreaterThan(0);
});

test("D59: plain http to another machine is refused before anything is sent", async () => {
  await using world = await makeWorld({ tasks: 1 });
  const end = await world.mirrorWith({ env: { PRODUCER_MIRROR_API_URL: "http://203.0.113.7" } }, "sync", "--json");
  expect(expectCode(end, 2).json).toMatchObject({ error: { exit: 2 } });
});

test("D59: checks that are switched off from outside are warned of", async (ctx) => {
  ctx.skip(spawnSync("openssl", ["version"]).status !== 0, "needs openssl");
  await using world = await makeWorld({ tasks: 1 });
  await using api = await startApi(selfSigned(world.folder, "127.0.0.1"));
  const env = { NODE_TLS_REJECT_UNAUTHORIZED: "0", PRODUCER_MIRROR_API_URL: api.url };
  const end = await world.mirrorWith({ env }, "sync");
  expect(end.stderr).toContain("NODE_TLS_REJECT_UNAUTHORIZED");
});
