/** After so many files in a row of which none reached a host, the others are not tried in this run. */
const MOST_IN_A_ROW = 3;

type Host = { inARow: number; files: number; message: string };

/** A host that was not reached in a run, why, and how many files wait for it. */
export type UnreachedHost = { host: string; files: number; message: string };

/**
 * Which hosts of files could not be reached in a run: refused connections, names that are not found, time-outs, something
 * else that answered in their place. A host that is down is left after a few files, and reported once.
 */
export class Hosts {
  readonly #hosts = new Map<string, Host>();

  /** It answered, whatever the answer. */
  reached(url: string): void {
    this.#host(url).inARow = 0;
  }

  /** A file of it was given up, after all its tries. */
  notReached(url: string, message: string): void {
    const host = this.#host(url);
    host.inARow++;
    host.files++;
    host.message = message;
  }

  isLeft(url: string): boolean {
    return this.#host(url).inARow >= MOST_IN_A_ROW;
  }

  /** A file was not tried, since its host is left. */
  skipped(url: string): void {
    this.#host(url).files++;
  }

  unreached(): UnreachedHost[] {
    return [...this.#hosts].flatMap(([host, { files, message }]) => (files === 0 ? [] : [{ host, files, message }]));
  }

  #host(url: string): Host {
    const name = URL.canParse(url) ? new URL(url).host : "?";
    const host = this.#hosts.get(name) ?? { inARow: 0, files: 0, message: "" };
    this.#hosts.set(name, host);
    return host;
  }
}
