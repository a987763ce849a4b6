import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { readCalls, type Call } from "./calls.ts";
import { assetPaths, databasePaths, mayTrace, NO_STRACE, underTrace } from "./injection.ts";
import { smallWorld } from "./small-world.ts";

vi.setConfig({ testTimeout: 60_000 });

const CALLS = ["openat", "write", "writev", "pwrite64", "pwritev", "fsync", "fdatasync", "rename"];

/** What a killed process cannot show, since the kernel keeps its pages: a power cut would. */
test("A7: file flushed, renamed, its folder flushed, and only then the row; the journal flushed before the rows it tells of", async (ctx) => {
  ctx.skip(!mayTrace(), NO_STRACE);
  await using small = await smallWorld();
  const { world, assets, finals } = small;
  const log = join(world.folder, "calls.log");
  small.startOver();
  const traced = underTrace(log, CALLS, [...databasePaths(world.home), ...assetPaths(assets, finals)]);
  expectCode(await world.mirrorWith({ ...traced, wrapper: [...(traced.wrapper ?? []), "-s", "9000"] }, "sync"), 0);
  const calls = readCalls(log);

  for (const path of finals) {
    const location = join(assets, path);
    const rename = only(calls, "rename", `", "${location}"`);
    const part = /^\("([^"]+)"/.exec(rename.text)?.[1] ?? "";
    expect(part).toMatch(/\.part$/);
    const written = last(calls, /^p?write/, `<${part}>`, rename.begun);
    const flushed = last(calls, /^f(data)?sync$/, `<${part}>`, rename.begun);
    const folder = first(calls, /^fsync$/, `<${join(location, "..")}>`, rename.ended);
    const row = first(calls, /^pwrite64$/, path, 0, "archive.db-wal>");
    const order = [written.ended, flushed.begun, flushed.ended, rename.begun, rename.ended, folder.begun, folder.ended];
    expect({ path, order: [...order, row.begun] }).toEqual({
      path,
      order: [...order, row.begun].toSorted((a, b) => a - b),
    });
    expect(calls.filter((call) => call.name === "openat" && call.text.includes(`"${location}", O_`)).map(mode)).toEqual(
      calls.filter((call) => call.name === "openat" && call.text.includes(`"${location}", O_RDONLY`)).map(mode),
    );
  }
  for (const { id } of rowsOf(world.home, "select id from clips")) {
    const line = first(calls, /^write$/, String(id), 0, ".ndjson>");
    const flushed = first(calls, /^f(data)?sync$/, ".ndjson>", line.ended);
    const row = first(calls, /^pwrite64$/, String(id), 0, "archive.db-wal>");
    expect(flushed.ended).toBeLessThan(row.begun);
  }
});

function mode(call: Call): string {
  return call.text;
}

function only(calls: Call[], name: string, text: string): Call {
  const found = calls.filter((call) => call.name === name && call.text.includes(text));
  expect([name, text, found.length]).toEqual([name, text, 1]);
  return found[0]!;
}

function first(calls: Call[], name: RegExp, text: string, from: number, on = ""): Call {
  const found = calls.find(
    (call) => name.test(call.name) && call.begun >= from && call.text.includes(text) && call.text.includes(on),
  );
  if (!found) throw new Error(`no call ${String(name)} with ${text} on ${on} from line ${from}`);
  return found;
}

function last(calls: Call[], name: RegExp, text: string, until: number): Call {
  const found = calls.findLast((call) => name.test(call.name) && call.begun < until && call.text.includes(text));
  if (!found) throw new Error(`no call ${String(name)} with ${text} before line ${until}`);
  return found;
}
