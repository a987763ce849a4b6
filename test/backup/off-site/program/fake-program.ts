import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const VERSIONS = { restic: "restic 0.14.0 compiled with go1.19", rclone: "rclone v1.60.1-DEV" };

export type FakeProgram = {
  /** A PATH on which it comes first. */
  path: string;
  /** The arguments of every call so far, but for `version`. */
  calls(): string[][];
};

/** A shell script under a real program's name: it prints a version or logs its arguments, then runs `script`. */
export function fakeProgram(
  folder: string,
  name: "restic" | "rclone",
  script: string,
  version: string = VERSIONS[name],
): FakeProgram {
  const bin = join(folder, "bin");
  const log = join(folder, `${name}.calls`);
  mkdirSync(bin, { recursive: true });
  const lines = [
    "#!/bin/bash",
    `if [ "$1" = version ]; then echo '${version}'; exit 0; fi`,
    `{ printf '%s\\0' "$@"; printf '\\n'; } >> '${log}'`,
    script,
  ];
  writeFileSync(join(bin, name), `${lines.join("\n")}\n`, { mode: 0o755 });
  return {
    path: `${bin}:${process.env["PATH"] ?? ""}`,
    calls: () =>
      (existsSync(log) ? readFileSync(log, "utf8").split("\0\n").slice(0, -1) : []).map((each) => each.split("\0")),
  };
}
