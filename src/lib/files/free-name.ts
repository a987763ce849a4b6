import { lstatSync } from "node:fs";

/** Returns `wanted`, or `wanted-2`, `wanted-3` …: the first path that does not exist, also not with any of `suffixes`. */
export function freeName(wanted: string, suffixes: string[] = []): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (["", ...suffixes].every((suffix) => !lstatSync(name + suffix, { throwIfNoEntry: false }))) return name;
  }
}
