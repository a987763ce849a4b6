/** A child that was started as the leader of its process group. */
type Leader = { pid?: number | undefined; once(event: "exit", listener: () => void): unknown };

/** Shorter than the patience of our own process, which ends 4.5 s after a signal. */
const PATIENCE_MS = 3000;
const LINGER_MS = 500;

export type Ending = { begin(): void; done(): void };

/**
 * Ends a group: the gentle signal first, SIGKILL 3 s later. When the leader has gone, whatever it left behind is killed
 * after half a second: it would hold our pipes open.
 */
export function endGroup(child: Leader, gentle: NodeJS.Signals): Ending {
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number, work: () => void) => void timers.push(setTimeout(work, ms));
  const { pid } = child;
  let begun = false;
  if (pid !== undefined) child.once("exit", () => after(LINGER_MS, () => send(pid, "SIGKILL")));
  return {
    begin() {
      if (begun || pid === undefined) return;
      begun = true;
      send(pid, gentle);
      after(PATIENCE_MS, () => send(pid, "SIGKILL"));
    },
    done() {
      timers.forEach(clearTimeout);
      if (begun && pid !== undefined) send(pid, "SIGKILL");
    },
  };
}

/** Our own process may end at once (a second Ctrl-C): the group does not outlive it. */
export function killAtExit(pid: number | undefined): Disposable {
  const kill = () => void (pid !== undefined && send(pid, "SIGKILL"));
  process.once("exit", kill);
  return { [Symbol.dispose]: () => void process.off("exit", kill) };
}

/** Windows has no groups: there the child alone is ended. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // Gone already.
  }
}
