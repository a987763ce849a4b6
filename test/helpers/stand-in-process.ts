import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { assetBytes } from "../../src/demo/service/asset-bytes.ts";
import { parseAssetPath } from "../../src/demo/library/asset-path.ts";

const PROGRAM = join(import.meta.dirname, "../stand-in/stand-in-process.ts");

export type Report = { api: number; assets: number; peak: { api: number; assets: number }; violations: string[] };

export type RemoteStandIn = AsyncDisposable & {
  url: string;
  assetUrl: string;
  assetHost: string;
  ids: string[];
  pid: number;
  report(): Promise<Report>;
};

/** The stand-in in a process of its own, so that the load of the test does not slow it down. */
export async function startRemoteStandIn(...args: string[]): Promise<RemoteStandIn> {
  const child = spawn(process.execPath, [PROGRAM, "--ids", "--separate-assets", ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => JSON.parse((await lines.next()).value as string) as unknown;
  const ready = (await line()) as Omit<RemoteStandIn, "report" | keyof AsyncDisposable>;
  return {
    ...ready,
    report: () => {
      child.stdin.write(`${JSON.stringify({ report: true })}\n`);
      return line() as Promise<Report>;
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** The bytes of a file that such a stand-in serves, generated again. */
export function remoteBytes(url: string, padTo = 0): Buffer | undefined {
  const name = parseAssetPath(decodeURIComponent(new URL(url).pathname));
  return name && assetBytes(name, "", padTo);
}
