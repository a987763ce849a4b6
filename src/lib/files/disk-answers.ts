import { spawn } from "node:child_process";
import { typeOfDisk } from "./mounts.ts";

const WAIT_MS = 3000;
/** File systems behind which there is another machine or program, which may be gone. */
const MAY_HANG = /^(nfs|cifs|smb|fuse|9p|afs|ceph|gluster|lustre|ncp|davfs|autofs|coda)/;

/**
 * Whether the disk that a path is on answers at all within three seconds. What is asked of a share whose server is gone
 * never returns, and keeps a process from ending: so a process of its own asks. Disks of this machine are not asked.
 */
export async function diskAnswers(path: string): Promise<boolean> {
  const type = typeOfDisk(path);
  if (type === undefined || !MAY_HANG.test(type)) return true;
  const look = "require('node:fs').lstatSync(process.argv[1], { throwIfNoEntry: false })";
  const child = spawn(process.execPath, ["-e", look, path], {
    stdio: "ignore",
    timeout: WAIT_MS,
    killSignal: "SIGKILL",
  });
  // One that waits for its disk may outlive its end.
  child.unref();
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), WAIT_MS);
    const end = (answers: boolean) => {
      clearTimeout(timer);
      resolve(answers);
    };
    child.once("error", () => end(true));
    // Whatever it found, it was answered.
    child.once("exit", (_code, signal) => end(signal === null));
  });
}
