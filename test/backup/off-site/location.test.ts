import { describe, expect, it } from "vitest";
import { childEnvironment, hideSecrets } from "../../../src/backup/off-site/program/environment.ts";
import { parseLocation } from "../../../src/backup/off-site/location.ts";

describe("an off-site location", () => {
  it.each([
    ["restic:/srv/repo", "local:/srv/repo", "restic:/srv/repo"],
    ["restic:repo", "local:/here/repo", "restic:/here/repo"],
    ["restic:./repo/", "local:/here/repo", "restic:/here/repo"],
    ["restic:local:/srv/repo", "local:/srv/repo", "restic:/srv/repo"],
    ["restic:sftp:me@host:/repo", "sftp:me@host:/repo", "restic:sftp:me@host:/repo"],
    ["restic:sftp://me@host:2222//srv/a@b", "sftp://me@host:2222//srv/a@b", "restic:sftp://me@host:2222//srv/a@b"],
    [
      "restic:s3:https://s3.example.com/bucket",
      "s3:https://s3.example.com/bucket",
      "restic:s3:https://s3.example.com/bucket",
    ],
    ["restic:swift:box:/", "swift:box:/", "restic:swift:box:/"],
    [
      "restic:rest:http://127.0.0.1:8000/me/",
      "rest:http://127.0.0.1:8000/me/",
      "restic:rest:http://127.0.0.1:8000/me/",
    ],
    ["restic:rclone:remote:path", "rclone:remote:path", "restic:rclone:remote:path"],
    ["restic:/srv/a;touch canary", "local:/srv/a;touch canary", "restic:/srv/a;touch canary"],
    ["rclone:remote:folder/", "remote:folder", "rclone:remote:folder"],
    ["rclone:remote:", "remote:", "rclone:remote:"],
    ["rclone:remote:$(touch canary)", "remote:$(touch canary)", "rclone:remote:$(touch canary)"],
    ["rclone:/srv/copy", "/srv/copy", "rclone:/srv/copy"],
    ["rclone:./copy", "/here/copy", "rclone:/here/copy"],
  ])("%s", (text, target, name) => {
    expect(parseLocation(text, "/here")).toMatchObject({ target, name });
  });

  it.each([
    "restic:",
    "rclone:",
    "restic:--option",
    "restic:-o",
    "rclone:--config=/x",
    "rclone:-x",
    "restic:/a\nb",
    "restic:/a\u0000b",
    "restic:/a\u001b[0m",
    "rclone:remote:a\rb",
    "rclone:remote:a\u2028b",
    "restic: /a",
    "restic:ftp:x",
    "restic:sftp:-oProxyCommand=touch canary:/x",
    "restic:sftp://-oProxyCommand=touch/x",
    "restic:sftp:me@-oProxyCommand=x:/x",
    "restic:rclone:-x:y",
    "restic:rclone::local,x=y:",
    "restic:rclone::webdav,bearer_token_command=touch canary:",
    "rclone::local,x=y:",
    "rclone::local:/x",
    "rclone:remote,option=value:x",
    "rclone:remote",
    "rclone:$(touch canary)",
    "rclone:a;touch canary",
    "/srv/repo",
    "ftp:x",
  ])("M147: %j is refused", (text) => {
    expect(() => parseLocation(text, "/here")).toThrow(
      expect.objectContaining({ exit: 2, hint: expect.any(String) as unknown }) as Error,
    );
  });

  it.each([
    "restic:rest:https://me:hunter2@host/",
    "restic:s3:https://key:hunter2@host/b",
    "restic:sftp:me:hunter2@host:/x",
  ])("G95: %s is refused for its password, which the error does not repeat", (text) => {
    let message = "";
    try {
      parseLocation(text, "/here");
    } catch (error) {
      message = `${(error as Error).message} ${(error as { hint: string }).hint}`;
    }
    expect(message).toMatch(/password/);
    expect(message).not.toContain("hunter2");
  });
});

describe("the environment of a program", () => {
  const OURS = {
    PATH: "/bin",
    HOME: "/home/me",
    ACEDATACLOUD_API_TOKEN: "canary",
    PRODUCER_MIRROR_HOME: "/mirror",
    RESTIC_PASSWORD: "secret word",
    RESTIC_REPOSITORY: "/elsewhere",
    RESTIC_REPOSITORY_FILE: "/elsewhere",
    RCLONE_CONFIG_X_TYPE: "s3",
    AWS_ACCESS_KEY_ID: "AKIA",
    AWS_CA_BUNDLE: "/ca",
    OS_USERNAME: "me",
    ST_KEY: "key!",
    https_proxy: "http://proxy",
    NODE_OPTIONS: "--inspect",
    LD_PRELOAD: "/x.so",
    GITHUB_TOKEN: "gh",
    EMPTY: undefined,
  };

  it("G95: has what it may need, and nothing of ours", () => {
    expect(Object.keys(childEnvironment("restic", OURS)).toSorted()).toEqual([
      "AWS_ACCESS_KEY_ID",
      "AWS_CA_BUNDLE",
      "HOME",
      "OS_USERNAME",
      "PATH",
      "RCLONE_CONFIG_X_TYPE",
      "RESTIC_PASSWORD",
      "RESTIC_PROGRESS_FPS",
      "ST_KEY",
      "https_proxy",
    ]);
  });

  it("has no AWS_CA_BUNDLE for rclone, which fails with it", () => {
    expect(childEnvironment("rclone", OURS)).not.toHaveProperty("AWS_CA_BUNDLE");
    expect(childEnvironment("rclone", OURS)).toHaveProperty("RCLONE_ASK_PASSWORD", "false");
  });

  it("gives secrets that are hidden in the output", () => {
    const env = childEnvironment("restic", OURS);
    expect(hideSecrets("x secret word y key! z AKIA //me:pw@h", env)).toBe("x *** y *** z *** //me:***@h");
  });
});
