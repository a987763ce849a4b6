import { assetBytes, CONTENT_TYPES } from "./asset-bytes.ts";
import { storedObject, type StoredObject } from "./asset-object.ts";
import { parseAssetPath } from "../library/asset-path.ts";

const CACHE_BYTES = 64_000_000;

export type AssetStoreOptions = {
  /** MP4s are at least so many bytes; 0 for their own size. */
  padTo: number;
  /** Without: no `x-goog-hash`, nothing is digested. */
  hashes: boolean;
};

/** The files of the buckets by their path: made for any well-formed path, unless a test has put or removed one. */
export class AssetStore {
  readonly #put = new Map<string, Buffer | undefined>();
  readonly #cache = new Map<string, StoredObject>();
  #cached = 0;
  readonly #options: AssetStoreOptions;

  constructor(options: AssetStoreOptions) {
    this.#options = options;
  }

  /** The object at a decoded path (`/corpusant-app-public/…`), or undefined; `version` asks for other bytes. */
  get(path: string, version = ""): StoredObject | undefined {
    const key = `${path}\n${version}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const object = this.#make(path, version);
    if (object !== undefined) this.#remember(key, object);
    return object;
  }

  set(path: string, body: Buffer): void {
    this.#put.set(path, body);
    this.#forgetAll();
  }

  /** From now on 404. */
  delete(path: string): void {
    this.#put.set(path, undefined);
    this.#forgetAll();
  }

  #make(path: string, version: string): StoredObject | undefined {
    const name = parseAssetPath(path);
    if (this.#put.has(path)) {
      const body = this.#put.get(path);
      const type = name === undefined ? "application/octet-stream" : CONTENT_TYPES[name.kind];
      return body === undefined ? undefined : storedObject(path, body, type, this.#options.hashes);
    }
    if (name === undefined) return undefined;
    const body = assetBytes(name, version, this.#options.padTo);
    return storedObject(`${path} ${version}`, body, CONTENT_TYPES[name.kind], this.#options.hashes);
  }

  #remember(key: string, object: StoredObject): void {
    if (this.#cached > CACHE_BYTES) this.#forgetAll();
    this.#cached += object.body.length;
    this.#cache.set(key, object);
  }

  #forgetAll(): void {
    this.#cache.clear();
    this.#cached = 0;
  }
}
