import { lstatSync } from "node:fs";

/** `wanted`, or with the first number after it that makes it a path at which nothing lies, also none of `suffixes`. */
export function freeName(wanted: string, suffixes: string[] = []): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (["", ...suffixes].every((suffix) => !lstatSync(name + suffix, { throwIfNoEntry: false }))) return name;
  }
}
