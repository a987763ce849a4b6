import { join } from "node:path";
import type { Generation } from "./generations.ts";
import { readSums, type Sums } from "./snapshot/sha256sums.ts";

/** A file of an older backup that was written with a certain digest; whether it still has it is not said. */
export type OlderCopy = { generation: string; path: string; place: string };

export type OlderCopies = {
  /** The newest first. */
  of(sha256: string): OlderCopy[];
};

/** What older backups hold, by digest. A list that cannot be read counts for nothing. */
export async function indexOlder(generations: Generation[]): Promise<OlderCopies> {
  const lists: { generation: Generation; paths: Map<string, string> }[] = [];
  for (const generation of generations) {
    const sums = await readSums(generation.folder).then(
      (read) => read.sums,
      (): Sums => new Map(),
    );
    const files = [...sums].filter(([path]) => path.startsWith("assets/"));
    lists.push({ generation, paths: new Map(files.map(([path, sha256]) => [sha256, path])) });
  }
  return {
    of: (sha256) =>
      lists.flatMap(({ generation, paths }) => {
        const path = paths.get(sha256);
        return path === undefined ? [] : [{ generation: generation.name, path, place: join(generation.folder, path) }];
      }),
  };
}
