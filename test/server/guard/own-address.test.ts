import { networkInterfaces } from "node:os";
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { leadsHere } from "../../../src/server/listen/own-address.ts";
import { makeWorld } from "../../helpers/world.ts";
import { serveHome } from "../served.ts";

const HERE = { host: "127.0.0.1", port: 6464 };
const ALL = { host: "0.0.0.0", port: 80 };
const outside = Object.values(networkInterfaces())
  .flatMap((all = []) => all)
  .find(({ internal, family }) => !internal && family === "IPv4")?.address;

test.each([
  ["http://127.0.0.1:6464", HERE, [], true],
  ["http://localhost:6464/", HERE, [], true],
  ["http://[::1]:6464", HERE, [], true],
  ["http://127.0.0.1:6465", HERE, [], false],
  ["http://192.0.2.1:6464", HERE, [], false],
  ["https://api.acedata.cloud", HERE, [], false],
  ["https://music.example.org", HERE, ["music.example.org"], true],
  ["http://nas.local:8080", HERE, ["nas.local:8080"], true],
  ["http://nas.local:8081", HERE, ["nas.local:8080"], false],
  ["http://127.0.0.1", ALL, [], true],
  ["https://127.0.0.1", ALL, [], false],
  ["http://192.0.2.1", ALL, [], false],
  ["http://192.168.1.5:6464", { host: "192.168.1.5", port: 6464 }, [], true],
  ["http://127.0.0.1:6464", { host: "192.168.1.5", port: 6464 }, [], false],
  ...(outside === undefined ? [] : ([[`http://${outside}`, ALL, [], true]] as const)),
] as const)("%s, listening on %j with %j: leads here %j", (url, address, allowed, leads) => {
  expect(leadsHere(url, { address, allowed: [...allowed] })).toBe(leads);
});

test("a service whose API is itself does not start: it would pass calls on to itself without end", async () => {
  await using world = await makeWorld({ tasks: 1 });
  await world.mirror("sync");
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address() as AddressInfo;
  free.close();
  const listen = { host: "127.0.0.1", port };
  await expect(serveHome(world.home, {}, { listen, apiUrl: `http://localhost:${port}` })).rejects.toMatchObject({
    code: "api_is_here",
    exit: 2,
  });
});
