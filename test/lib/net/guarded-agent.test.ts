import { spawn } from "node:child_process";
import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { guardedAgent, type GuardOptions } from "../../../src/lib/net/guarded-agent.ts";
import { addressProblem } from "../../../src/lib/net/public-address.ts";
import { ok, startRawServer, type RawServer } from "../../assets/download/raw-server.ts";

let sentinel: RawServer;
beforeEach(async () => void (sentinel = await startRawServer((socket) => void socket.write(ok("secret")))));
afterEach(() => sentinel[Symbol.asyncDispose]());

const V4 = (address: string): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 });

async function request(url: string, options: Partial<GuardOptions>): Promise<string> {
  const agent = guardedAgent({ mayBePrivate: () => false, connectTimeoutMs: 2000, ...options });
  const { origin, pathname } = new URL(url);
  try {
    return await (await agent.request({ origin, path: pathname, method: "GET" })).body.text();
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  } finally {
    await agent.destroy();
  }
}

describe("a connection", () => {
  test("F84: to an address is judged without a look-up", async () => {
    let lookups = 0;
    const resolve = () => void lookups++;
    for (const host of ["127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "localhost."]) {
      expect(await request(`http://${host}:${sentinel.port}/`, { resolve })).toMatch(
        /^ADDRESS_REFUSED: private address/,
      );
    }
    expect([lookups, sentinel.connections()]).toEqual([0, 0]);
  });

  test.each([
    [["127.0.0.1"]],
    [["93.184.216.34", "127.0.0.1"]],
    [["::1", "93.184.216.34"]],
    [["2606:4700::1111", "fe80::1"]],
    [["not an address"]],
  ])("F85: to a name that points at %j is refused, never picked from a mixed answer", async (addresses) => {
    const resolve: GuardOptions["resolve"] = (_host, done) => done(null, addresses.map(V4));
    expect(await request(`http://songs.example:${sentinel.port}/`, { resolve })).toMatch(
      /^ADDRESS_REFUSED: .*, which is where songs\.example points/,
    );
    expect(sentinel.connections()).toBe(0);
  });

  test("F85: to a name that the system's own table points at this machine is refused", async () => {
    const host = "ip6-localhost";
    expect(await request(`http://${host}:${sentinel.port}/`, {})).toMatch(/ADDRESS_REFUSED|ENOTFOUND|EAI_AGAIN/);
    expect(sentinel.connections()).toBe(0);
  });

  test("F86: uses its one look-up: an answer that turns private after the check is never asked for", async () => {
    await using elsewhere = await startRawServer((socket) => void socket.write(ok("public")), "127.0.0.2");
    let lookups = 0;
    const resolve: GuardOptions["resolve"] = (_host, done) =>
      done(null, [V4(lookups++ === 0 ? "127.0.0.2" : "127.0.0.1")]);
    const problemOf = (address: string) => (address === "127.0.0.2" ? null : addressProblem(address));
    expect(await request(`http://songs.example:${elsewhere.port}/`, { resolve, problemOf })).toBe("public");
    expect([lookups, sentinel.connections()]).toEqual([1, 0]);
  });

  test.each(["http", "https"])(
    "F86: that lands on a forbidden address is closed before a byte is written (%s)",
    async (scheme) => {
      const resolve: GuardOptions["resolve"] = (_host, done) => done(null, [V4("127.0.0.1")]);
      let asked = 0;
      const problemOf = (address: string) => (asked++ === 0 ? null : addressProblem(address));
      expect(await request(`${scheme}://songs.example:${sentinel.port}/`, { resolve, problemOf })).toMatch(
        /^ADDRESS_REFUSED: private address 127\.0\.0\.1/,
      );
      await new Promise((done) => setTimeout(done, 50));
      expect(sentinel.bytes()).toBe(0);
    },
  );

  test("to a host that may be private is made", async () => {
    const mayBePrivate = (host: string, port: number) => host === "127.0.0.1" && port === sentinel.port;
    expect(await request(`http://127.0.0.1:${sentinel.port}/`, { mayBePrivate })).toBe("secret");
  });

  test("29: a slow address does not lose to a dead one beside it, nor hold up one that is well, and the time-out is as it says", async () => {
    await using slow = await startSlowServer();
    const open = { mayBePrivate: () => true, connectTimeoutMs: 20_000 };
    const ask = (addresses: string[], more: object = {}) =>
      request(`http://songs.example:${slow.port}/`, {
        resolve: (_host, done) => done(null, addresses.map(V4)),
        ...open,
        ...more,
      });
    await using well = await startRawServer((socket) => void socket.write(ok("well")), "127.0.0.2", slow.port);
    expect(await ask(["127.0.0.1", "127.0.0.2"])).toBe("well");
    expect(well.connections()).toBe(1);
    expect(await ask(["127.0.0.1"], { connectTimeoutMs: 200 })).toMatch(/no connection to its address within 0\.2 s$/);
    expect(await ask(["127.0.0.1", "127.0.0.1"], { connectTimeoutMs: 600 })).toMatch(
      /any of its 2 addresses within 0\.6 s$/,
    );
    const late = ask(["127.0.0.1", "::1"]);
    setTimeout(() => slow.goOn(), 600);
    expect(await late).toBe("slow");
  });

  test("to a name that nobody knows fails as such", async () => {
    expect(await request("http://songs.example/", { resolve: (_host, done) => done(null, []) })).toMatch(/^ENOTFOUND/);
  });
});

/** A server in a process that is stopped, with as many connections as the system accepts for it: others wait. */
async function startSlowServer(): Promise<AsyncDisposable & { port: number; goOn: () => void }> {
  const script = `const server = require("net").createServer((socket) => socket.end("HTTP/1.1 200 OK\\r\\ncontent-length: 4\\r\\n\\r\\nslow"));
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const port = Number(String((await once(child.stdout, "data"))[0]));
  child.kill("SIGSTOP");
  const filling = Array.from({ length: 4 }, () => connect({ port, host: "127.0.0.1" }).on("error", () => undefined));
  return {
    port,
    goOn: () => void child.kill("SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      for (const socket of filling) socket.destroy();
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
