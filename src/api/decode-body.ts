import { pipeline, Readable, type Transform } from "node:stream";
import zlib from "node:zlib";

/** Makes the decoder for bytes that begin with `first`; null when they are not in the coding, whatever the header says. */
type CreateDecoder = (first: number) => Transform | null;

/** Content codings that zlib reads, by every name that RFC 9110 8.4.1 and RFC 9659 give them. */
const DECODERS: { readonly [coding: string]: CreateDecoder } = {
  gzip: (first) => (first === 0x1f ? zlib.createGunzip() : null),
  "x-gzip": (first) => (first === 0x1f ? zlib.createGunzip() : null),
  // Many servers leave out the zlib wrapper, whose first byte ends in 8.
  deflate: (first) => ((first & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw()),
  br: () => zlib.createBrotliDecompress(),
  zstd: (first) => (first === 0x28 ? zlib.createZstdDecompress() : null),
};
const MOST_CODINGS = 5;

/**
 * The bytes of a body without its content codings, none of which was requested. A word that is no coding (`utf-8`) counts
 * as none. Fails when the bytes are cut or not in the coding. The caller bounds what comes out.
 */
export function decodeBody(body: AsyncIterable<Buffer>, header: string | string[] | undefined): AsyncIterable<Buffer> {
  const words = [header ?? []].flat().join(",").toLowerCase().split(",");
  const decoders = words.map((word) => DECODERS[word.trim()]).filter((decoder) => decoder !== undefined);
  return decoders.slice(-MOST_CODINGS).reduceRight(decode, body);
}

async function* decode(bytes: AsyncIterable<Buffer>, create: CreateDecoder): AsyncGenerator<Buffer> {
  const source = bytes[Symbol.asyncIterator]();
  const { value: first, done } = await source.next();
  if (done) return;
  const rest = { [Symbol.asyncIterator]: () => source };
  const all = Readable.from(joined(first, rest));
  const decoder = create(first[0] ?? 0);
  yield* (decoder === null ? all : pipeline(all, decoder, () => undefined)) as AsyncIterable<Buffer>;
}

async function* joined(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}
