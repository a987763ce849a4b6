import { parseAssetPath } from "../library/asset-path.ts";
import { assetBytes, CONTENT_TYPES } from "./asset-bytes.ts";
import { storedObject, type StoredObject } from "./bucket-object.ts";

const CACHE_BYTES = 64_000_000;

export type BucketOptions = {
  /** MP4s have at least so many bytes; 0: their own size. */
  padTo: number;
  /** False: no `x-goog-hash`, and no checksum is calculated. */
  hashes: boolean;
};

/** Files by path. Any well-formed path has a generated one, until it is replaced or deleted. */
export class Bucket {
  /** Undefined: deleted. */
  readonly #replaced = new Map<string, Buffer | undefined>();
  readonly #cache = new Map<string, StoredObject>();
  #cachedBytes = 0;
  readonly #options: BucketOptions;

  constructor(options: BucketOptions) {
    this.#options = options;
  }

  /** The object at a decoded path (`/corpusant-app-public/…`), or undefined; another `version` has other bytes. */
  get(path: string, version = ""): StoredObject | undefined {
    const key = `${path}\n${version}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    const object = this.#make(path, version);
    if (object !== undefined) this.#remember(key, object);
    return object;
  }

  set(path: string, body: Buffer): void {
    this.#replaced.set(path, body);
    this.#clearCache();
  }

  /** From now on 404. */
  delete(path: string): void {
    this.#replaced.set(path, undefined);
    this.#clearCache();
  }

  #make(path: string, version: string): StoredObject | undefined {
    const { padTo, hashes } = this.#options;
    const name = parseAssetPath(path);
    if (this.#replaced.has(path)) {
      const body = this.#replaced.get(path);
      const type = name === undefined ? "application/octet-stream" : CONTENT_TYPES[name.kind];
      return body === undefined ? undefined : storedObject(path, body, type, hashes);
    }
    if (name === undefined) return undefined;
    return storedObject(`${path} ${version}`, assetBytes(name, version, padTo), CONTENT_TYPES[name.kind], hashes);
  }

  #remember(key: string, object: StoredObject): void {
    if (this.#cachedBytes > CACHE_BYTES) this.#clearCache();
    this.#cachedBytes += object.body.length;
    this.#cache.set(key, object);
  }

  #clearCache(): void {
    this.#cache.clear();
    this.#cachedBytes = 0;
  }
}
