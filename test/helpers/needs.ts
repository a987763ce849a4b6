import { spawnSync } from "node:child_process";

/** What some tests want of the machine, and how it answers that it is there. Without it they skip. */
const PROGRAMS: Record<string, string[]> = {
  ffmpeg: ["-version"],
  sqlite3: ["-version"],
  groff: ["--version"],
  man: ["--version"],
  restic: ["version"],
  rclone: ["version"],
};

export type Needed = keyof typeof PROGRAMS;

/** Whether a program of the system is there. */
export function has(program: Needed): boolean {
  return spawnSync(program, PROGRAMS[program] ?? []).status === 0;
}

/** Whether this user may mount file systems: root, in a machine of its own. */
export function mayMount(): boolean {
  return process.getuid?.() === 0 && spawnSync("unshare", ["-m", "true"]).status === 0;
}

/** Whether the Chromium of the packages runs: it wants a library of the system that desktops have. */
export function mayBrowse(): boolean {
  return (
    process.platform === "linux" && /libnss3\.so/.test(spawnSync("ldconfig", ["-p"], { encoding: "utf8" }).stdout ?? "")
  );
}

/** What this machine lacks of it all, in words. */
export function missing(): string[] {
  return [
    ...Object.keys(PROGRAMS).filter((name) => !has(name)),
    ...(mayMount() ? [] : ["root that may mount"]),
    ...(mayBrowse() ? [] : ["libnss3 for a browser"]),
  ];
}
