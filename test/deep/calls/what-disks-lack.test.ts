import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld } from "../../helpers/world.ts";
import { mayTrace, NO_STRACE } from "./injection.ts";

vi.setConfig({ testTimeout: 300_000 });

const MODES = "chmod,fchmod,fchmodat,utimensat";

test.for([
  ["modes and dates", [`inject=${MODES}:error=EPERM`]],
  ["dates alone, in other words", ["inject=utimensat:error=ENOSYS"]],
  ["links and clones too", [`inject=${MODES},link,linkat:error=EOPNOTSUPP`]],
] as [string, string[]][])(
  "a disk without %s keeps an archive, its backups and exports; every command ends as ever",
  async ([, injected], ctx) => {
    ctx.skip(!mayTrace(), NO_STRACE);
    await using world = await makeWorld({ tasks: 3, tracked: false });
    const wrapper = [
      "strace",
      "-f",
      "-qq",
      "--seccomp-bpf",
      "-o",
      "/dev/null",
      ...injected.flatMap((one) => ["-e", one]),
    ];
    const run = (...words: string[]) => world.mirrorWith({ wrapper, env: { UV_USE_IO_URING: "0" } }, ...words);
    const at = (name: string) => join(world.folder, name);
    const [id = ""] = world.ids;
    for (const words of [
      ["track", ...world.ids],
      ["sync"],
      ["tag", id, "+mine"],
      ["export", "songs", at("songs"), "--tags"],
      ["export", "tables", at("tables")],
      ["export", "feed", at("feed.xml"), "--base-url", "https://me.example/"],
      ["backup", at("backups")],
      ["backup", at("backups"), "--keep", "1"],
      ["rm", id],
      ["rm", id, "--undo"],
      ["rebuild"],
      ["rm", id, "--purge", "--yes"],
      ["verify", "--full", "--repair"],
      ["restore", at("backups"), "--home", at("restored")],
      ["verify", "--full", "--home", at("restored")],
    ])
      expectCode(await run(...words), 0);
    expect(expectCode(await run("export", "songs", at("songs"), "--tags", "--json"), 0).json).toMatchObject({
      left: [],
      skipped: 0,
    });
  },
);
