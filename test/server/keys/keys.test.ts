import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeKeys } from "../../../src/server/keys/key-file.ts";
import { openKeys, type Keys } from "../../../src/server/keys/keys.ts";
import { readUses } from "../../../src/server/keys/uses.ts";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";

let folder: ReturnType<typeof temporaryFolder>;
let keys: Keys;
const PHONE = { name: "phone", key: "phone-key-0123456789", addedAt: "" };
const TABLET = { name: "tablet", key: "tablet-key-0123456789", addedAt: "" };
beforeEach(() => {
  folder = temporaryFolder();
  writeKeys(folder.path, [PHONE, TABLET]);
  keys = openKeys(folder.path, undefined);
});
afterEach(async () => {
  await keys[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Answers each request by a first byte and then nothing, as events do; the path is the name of the key. */
async function serveEvents() {
  const server = createServer((request, response) => {
    keys.letIn(request.url?.slice(1) ?? "", response);
    response.write("first");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    async open(name: string): Promise<IncomingMessage> {
      const [answer] = (await once(get({ port, path: `/${name}`, agent: false }), "response")) as [IncomingMessage];
      await once(answer, "data");
      return answer;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const cut = (answer: IncomingMessage) => once(answer, "error").then(([error]) => (error as { code: string }).code);

test("what still goes out to a removed key ends; what goes to others does not", async () => {
  await using server = await serveEvents();
  const [phone, tablet] = [await server.open("phone"), await server.open("tablet")];
  const ended = cut(phone);
  writeKeys(folder.path, [TABLET]);
  expect(await ended).toBe("ECONNRESET");
  expect(tablet.destroyed).toBe(false);
  const changed = cut(tablet);
  writeKeys(folder.path, [{ ...TABLET, key: "another-key-of-that-name" }]);
  expect(await changed).toBe("ECONNRESET");
});

test("the last use is noted beside the keys, and those of other servers stay", async () => {
  await using server = await serveEvents();
  await server.open("phone");
  await server.open("tablet");
  await keys[Symbol.asyncDispose]();
  expect(Object.keys(readUses(folder.path)).toSorted()).toEqual(["phone", "tablet"]);
  keys = openKeys(folder.path, undefined);
  const before = readUses(folder.path);
  await server.open("phone");
  await keys[Symbol.asyncDispose]();
  const { phone = "", tablet } = readUses(folder.path);
  expect(tablet).toBe(before["tablet"]);
  expect(Date.parse(phone)).toBeGreaterThanOrEqual(Date.parse(before["phone"] ?? ""));
});
