import { describe, expect, it } from "vitest";
import type { MirrorError } from "../../../../src/lib/errors.ts";
import { programFailure } from "../../../../src/backup/off-site/program/failure.ts";
import { findProgram } from "../../../../src/backup/off-site/program/find-program.ts";
import { runProgram } from "../../../../src/backup/off-site/program/run-program.ts";
import { temporaryFolder } from "../../../helpers/temporary-archive.ts";
import { fakeProgram } from "./fake-program.ts";

const never = new AbortController().signal;

type Fake = { script: string; name?: "restic" | "rclone"; env?: Record<string, string> };

/** The error for a fake program that ends with `script`. */
async function failureOf({ script, name = "restic", env }: Fake): Promise<MirrorError> {
  using folder = temporaryFolder();
  const fake = fakeProgram(folder.path, name, script);
  const program = await findProgram(name, { PATH: fake.path, HOME: folder.path, ...env }, never);
  const end = await runProgram({ ...program, args: ["backup"], signal: never, idleMs: 20_000 });
  return programFailure(program, "backup", end);
}

describe("M145: each way in which restic and rclone end has an error of its own", () => {
  const cases: [Fake, number, string][] = [
    [{ script: "echo 'Fatal: wrong password or no key found' >&2; exit 1" }, 6, "wrong_password"],
    [
      { script: "echo 'Fatal: unable to create lock in backend: repository is already locked' >&2; exit 1" },
      5,
      "place_locked",
    ],
    [{ script: "echo 'Is there a repository at the following location?' >&2; exit 1" }, 2, "no_repository"],
    [
      { script: "echo 'Save(<data/1>) failed: dial tcp 10.0.0.1:443: connection refused' >&2; exit 1" },
      5,
      "place_unreachable",
    ],
    [{ script: "echo 'Fatal: write /r/data: no space left on device' >&2; exit 1" }, 7, "disk_full"],
    [{ script: "echo 'Fatal: open /r/config: permission denied' >&2; exit 1" }, 7, "disk"],
    [{ script: "echo 'Fatal: repository contains errors' >&2; exit 1" }, 4, "place_damaged"],
    [{ script: "exit 1" }, 1, "program_failed"],
    [{ script: "exit 3" }, 3, "backup_incomplete"],
    [{ script: "exit 10" }, 2, "no_repository"],
    [
      { script: "echo 'Fatal: create repository at x failed: config file already exists' >&2; exit 1" },
      2,
      "repository_exists",
    ],
    [{ script: "exit 11" }, 5, "place_locked"],
    [{ script: "exit 12" }, 6, "wrong_password"],
    [{ script: "exit 130" }, 3, "program_interrupted"],
    [{ script: "exit 77" }, 1, "program_failed"],
    [{ script: "kill -9 $$" }, 1, "program_failed"],
    [{ name: "rclone", script: "exit 1" }, 2, "place_not_configured"],
    [{ name: "rclone", script: "exit 2" }, 1, "program_failed"],
    [{ name: "rclone", script: "exit 3" }, 2, "not_there"],
    [{ name: "rclone", script: "exit 4" }, 2, "not_there"],
    [{ name: "rclone", script: "exit 5" }, 5, "place_unreachable"],
    [{ name: "rclone", script: "exit 6" }, 1, "program_failed"],
    [{ name: "rclone", script: "exit 7" }, 6, "place_refused"],
    [{ name: "rclone", script: "exit 8" }, 3, "backup_incomplete"],
    [{ name: "rclone", script: "exit 9" }, 1, "program_failed"],
    [{ name: "rclone", script: "exit 10" }, 3, "backup_incomplete"],
    [{ name: "rclone", script: "exit 77" }, 1, "program_failed"],
    [
      { name: "rclone", script: "echo 'ERROR : x: AccessDenied: Access Denied, status code: 403' >&2; exit 1" },
      6,
      "place_refused",
    ],
    [{ name: "rclone", script: `echo "didn't find section in config file" >&2; exit 1` }, 2, "place_not_configured"],
  ];
  it.each(cases)("%j", async (fake, exit, code) => {
    const error = await failureOf(fake);
    expect({ exit: error.exit, code: error.code }).toEqual({ exit, code });
    expect(error.hint).toBeTruthy();
    expect(error.message).toMatch(/^(restic|rclone) backup failed \((exit \d+|ended by SIGKILL)\)/);
  });

  it("quotes the output of the program without escapes and secrets", async () => {
    const script = String.raw`printf 'one\nFatal: \033]0;title\007 bad key hunter2secret at https://me:pw12@host/x\n' >&2; exit 1`;
    const error = await failureOf({ script, env: { RESTIC_PASSWORD: "hunter2secret" } });
    expect(error.message).toContain("Fatal:");
    expect(error.message).toContain("https://me:***@host/x");
    expect(error.message).not.toMatch(/hunter2secret|pw12|\u001b|\u0007|one/);
  });
});
