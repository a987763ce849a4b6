/** A child process that leads its own process group. */
type Leader = { pid?: number | undefined; once(event: "exit", listener: () => void): unknown };

/** Less than the time that our own process has to end after a signal, which is 4.5 s. */
const GRACE_MS = 3000;
const LINGER_MS = 500;

/** `stop` may be called several times; `finish` once the leader's streams have ended. */
export type GroupStopper = { stop(): void; finish(): void };

/**
 * Stops a process group: `signal` first, SIGKILL 3 s later. Half a second after the leader exits, whatever it left
 * behind is killed: it would keep our pipes open.
 */
export function createGroupStopper(leader: Leader, signal: NodeJS.Signals): GroupStopper {
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number, work: () => void) => void timers.push(setTimeout(work, ms));
  const { pid } = leader;
  let stopping = false;
  if (pid !== undefined) leader.once("exit", () => after(LINGER_MS, () => send(pid, "SIGKILL")));
  return {
    stop() {
      if (stopping || pid === undefined) return;
      stopping = true;
      send(pid, signal);
      after(GRACE_MS, () => send(pid, "SIGKILL"));
    },
    finish() {
      timers.forEach(clearTimeout);
      if (stopping && pid !== undefined) send(pid, "SIGKILL");
    },
  };
}

/** Kills the group when our own process exits, which a second Ctrl-C makes it do at once. */
export function killAtExit(pid: number | undefined): Disposable {
  const kill = () => void (pid !== undefined && send(pid, "SIGKILL"));
  process.once("exit", kill);
  return { [Symbol.dispose]: () => void process.off("exit", kill) };
}

/** Windows has no process groups: only the child itself gets the signal there. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // It has exited already.
  }
}
