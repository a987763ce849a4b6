import { expect, test } from "vitest";
import { Hosts } from "../../../src/sync/files/hosts.ts";

const ONE = "https://one.example/a";
const TWO = "https://two.example/a";

test("a host is left after three files in a row that did not reach it, another is not", () => {
  const hosts = new Hosts();
  for (let file = 0; file < 2; file++) hosts.notReached(ONE, "refused");
  hosts.reached(ONE);
  for (let file = 0; file < 2; file++) hosts.notReached(ONE, "refused");
  expect(hosts.isLeft(ONE)).toBe(false);
  hosts.notReached(ONE, "not found");
  expect([hosts.isLeft(ONE), hosts.isLeft(TWO)]).toEqual([true, false]);
});

test("each host that was not reached is reported once, with its last reason and all files that wait", () => {
  const hosts = new Hosts();
  for (const why of ["refused", "refused", "not found"]) hosts.notReached(ONE, why);
  for (let file = 0; file < 365; file++) hosts.skipped(ONE);
  hosts.notReached(TWO, "timed out");
  hosts.reached("https://three.example/a");
  expect(hosts.unreached()).toEqual([
    { host: "one.example", files: 368, message: "not found" },
    { host: "two.example", files: 1, message: "timed out" },
  ]);
});
