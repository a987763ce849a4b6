import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename } from "node:path";
import decode, { init as initDecoder } from "@jsquash/jpeg/decode.js";
import encode, { init as initEncoder } from "@jsquash/jpeg/encode.js";
import type { Pixels } from "./shrink.ts";

const QUALITY = 82;
/** They write nothing anywhere. */
const QUIET = { print: () => {}, printErr: () => {} };

let ready: Promise<void> | undefined;

/** Throws for what is no JPEG, or a damaged one. */
export async function decodeJpeg(bytes: Buffer): Promise<Pixels> {
  return run(() => decode(Uint8Array.from(bytes).buffer));
}

export async function encodeJpeg(pixels: Pixels): Promise<Buffer> {
  return Buffer.from(await run(() => encode(pixels as never, { quality: QUALITY })));
}

/** After a failure the next picture gets a new codec: what is left in the memory of the old one is not known. */
async function run<T>(work: () => Promise<T>): Promise<T> {
  try {
    await (ready ??= start());
    return await work();
  } catch (error) {
    ready = undefined;
    throw error;
  }
}

/** MozJPEG (https://github.com/mozilla/mozjpeg) as WebAssembly. Pixels come as an object that only browsers have. */
async function start(): Promise<void> {
  Object.assign(globalThis, { ImageData: (globalThis as { ImageData?: unknown }).ImageData ?? Picture });
  await initDecoder({ ...QUIET, wasmBinary: await wasm("dec/mozjpeg_dec.wasm") });
  await initEncoder({ ...QUIET, wasmBinary: await wasm("enc/mozjpeg_enc.wasm") });
}

/** Beside the bundle, or in the package. */
async function wasm(name: string): Promise<ArrayBuffer> {
  const isBundle = !import.meta.url.endsWith(".ts");
  const path = isBundle
    ? new URL(`./${basename(name)}`, import.meta.url)
    : createRequire(import.meta.url).resolve(`@jsquash/jpeg/codec/${name}`);
  return Uint8Array.from(await readFile(path)).buffer;
}

class Picture {
  data: Uint8ClampedArray;
  width: number;
  height: number;

  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}
