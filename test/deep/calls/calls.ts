import { readFileSync } from "node:fs";

/** One system call as strace -f -y wrote it down; `begun` and `ended` are positions in one order for all threads. */
export type Call = { name: string; text: string; begun: number; ended: number };

/** Reads a log of `strace -f -y`, in which a call of one thread may be cut in two by others. */
export function readCalls(log: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, Call>();
  for (const [path, line] of readFileSync(log, "latin1").split("\n").entries()) {
    const [, pid = "", resumed, name = "", rest = ""] = /^(\d+) +(<\.\.\. )?(\w+)(.*)$/.exec(line) ?? [];
    const unfinished = open.get(pid);
    if (resumed !== undefined && unfinished) {
      unfinished.text += rest;
      unfinished.ended = path;
      open.delete(pid);
    } else if (rest.startsWith("(")) {
      const call = { name, text: rest, begun: path, ended: path };
      calls.push(call);
      if (rest.endsWith("<unfinished ...>")) open.set(pid, call);
    }
  }
  return calls;
}
