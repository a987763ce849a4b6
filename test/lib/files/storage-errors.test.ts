import { describe, expect, it, test } from "vitest";
import { UsageError } from "../../../src/lib/errors.ts";
import { toFinalStorageError, toStorageError } from "../../../src/lib/files/storage-errors.ts";

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code });
}

describe("toStorageError", () => {
  test.each([
    ["SQLITE_FULL", 7, "disk_full"],
    ["SQLITE_IOERR_SHMSIZE", 7, "disk_full"],
    ["ENOSPC", 7, "disk_full"],
    ["EDQUOT", 7, "disk_full"],
    ["SQLITE_READONLY_DIRECTORY", 7, "disk"],
    ["SQLITE_CANTOPEN", 7, "disk"],
    ["SQLITE_IOERR_FSYNC", 7, "disk"],
    ["EROFS", 7, "disk"],
    ["EACCES", 7, "disk"],
    ["EIO", 7, "disk"],
    ["EMFILE", 7, "disk"],
    ["ELOOP", 7, "disk"],
    ["ENAMETOOLONG", 7, "disk"],
    ["SQLITE_BUSY", 7, "database_busy"],
    ["SQLITE_BUSY_SNAPSHOT", 7, "database_busy"],
    ["SQLITE_CORRUPT_VTAB", 4, "database_damaged"],
    ["SQLITE_NOTADB", 4, "database_damaged"],
  ])("B14: %s ends with %i, names the path and keeps its cause", (code, exit, word) => {
    const cause = failure(code);
    expect(toStorageError(cause, "/home/me/archive.db")).toMatchObject({
      exit,
      code: word,
      cause,
      message: expect.stringContaining("/home/me/archive.db") as string,
    });
  });

  it("leaves every other error alone", () => {
    const usage = new UsageError("x");
    for (const error of [usage, failure("ENOENT"), failure("SQLITE_ERROR"), new Error("x"), "thrown text", null])
      expect(toStorageError(error)).toBe(error);
  });

  test.each([
    ["EBUSY", "rename", 7],
    ["EXDEV", "rename", 7],
    ["ESTALE", "read", 7],
    ["ENOTCONN", "scandir", 7],
    ["ENOENT", "mkdir", 7],
    ["EINVAL", "copyfile", 7],
    ["ECONNRESET", "read", undefined],
    ["EPIPE", "write", undefined],
    ["ENOENT", "spawn restic", undefined],
    ["ECONNREFUSED", "connect", undefined],
  ])("at the very end %s of %s is %s: a call of the file system is one of a disk", (code, syscall, exit) => {
    const error = Object.assign(failure(code), { errno: -1, syscall, path: "/mnt/x" });
    expect((toFinalStorageError(error) as { exit?: number }).exit).toBe(exit);
  });

  it("takes the path of the error itself when it is given none", () => {
    expect((toStorageError(Object.assign(failure("EACCES"), { path: "/x" })) as Error).message).toContain("/x");
  });
});
