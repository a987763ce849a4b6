import { lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { folderOf, makeFolder, onDisk } from "../folders.ts";
import { temporaryPath } from "./temporary.ts";

/**
 * Where the files of one batch lie until they are named. A folder that is not there yet is made under a temporary name
 * and gets its own with all that is in it: one rename instead of thousands. A file for a folder that is there lies
 * beside its name.
 */
export class Stages {
  readonly #root: string;
  readonly #touched: Set<string>;
  readonly #next: () => number;
  /** What a folder is called until it is named; null for one that is there. */
  readonly #stages = new Map<string, string | null>();
  readonly #places: string[] = [];
  readonly #named = new Set<string>();

  /** `touched` gets the folders whose entries change, `next` numbers temporary names. */
  constructor(root: string, touched: Set<string>, next: () => number) {
    this.#root = root;
    this.#touched = touched;
    this.#next = next;
  }

  /** The absolute path under which a file is made, by its path from the export's folder. Throws DiskError. */
  placeFor(path: string): string {
    const stage = this.#stageOf(folderOf(path));
    const place = join(this.#root, stage === null ? temporaryPath(path, this.#next()) : `${stage}/${basename(path)}`);
    this.#places.push(place);
    return place;
  }

  #stageOf(folder: string): string | null {
    const known = this.#stages.get(folder);
    if (known !== undefined) return known;
    const stage = isThere(join(this.#root, folder)) ? null : this.#makeStage(folder);
    this.#stages.set(folder, stage);
    return stage;
  }

  #makeStage(folder: string): string {
    const stage = temporaryPath(folder, this.#next());
    makeFolder(this.#root, stage, this.#touched);
    onDisk(join(this.#root, stage), (place) => mkdirSync(place));
    return stage;
  }

  /**
   * Gives folders their names. Others came meanwhile and are not overwritten: what was made for them has to be named file
   * by file.
   */
  nameFolders(): void {
    for (const [folder, stage] of this.#staged()) {
      if (!isRenamed(join(this.#root, stage), join(this.#root, folder))) continue;
      this.#named.add(folder);
      this.#touched.add(folder);
    }
  }

  /** Whether a file has its name with its folder. */
  isNamed(path: string): boolean {
    return this.#named.has(folderOf(path));
  }

  /** Takes away all that has no name. */
  remove(): void {
    for (const place of this.#places) rmSync(place, { force: true });
    this.removeFolders();
  }

  /** Of folders what is left when each file of theirs has its own name. */
  removeFolders(): void {
    for (const [, stage] of this.#staged()) rmSync(join(this.#root, stage), { force: true, recursive: true });
  }

  #staged(): [folder: string, stage: string][] {
    return [...this.#stages].flatMap(([folder, stage]) => (stage === null ? [] : [[folder, stage]]));
  }
}

function isThere(place: string): boolean {
  let isFound = false;
  onDisk(place, () => (isFound = lstatSync(place, { throwIfNoEntry: false }) !== undefined));
  return isFound;
}

function isRenamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}
