import { brotliCompressSync, gzipSync } from "node:zlib";
import { withHeader, type Reply } from "../../../src/demo/service/reply.ts";
import type { Fault } from "./faults.ts";

type EncodingFault = Extract<Fault, { kind: "encoded" }>;

const BOMB_PART = 1_000_000;

/** The reply compressed, with `Content-Encoding`, whether or not the client accepts it; `cut` keeps a share of it. */
export function encodeReply(reply: Reply, fault: EncodingFault): Reply {
  const layers = fault.layers ?? ["gzip"];
  const start = fault.bombBytes === undefined ? reply.body : undefined;
  const body = layers.reduce<Buffer>(
    (bytes, layer, index) => (index === 0 && start === undefined ? bomb(fault.bombBytes ?? 0) : compress(bytes, layer)),
    start ?? Buffer.alloc(0),
  );
  const kept = body.subarray(0, Math.ceil(body.length * (fault.cut ?? 1)));
  return withHeader({ ...reply, body: kept }, "Content-Encoding", layers.join(", "));
}

function compress(bytes: Buffer, layer: "gzip" | "br"): Buffer {
  return layer === "gzip" ? gzipSync(bytes) : brotliCompressSync(bytes);
}

/** Zeros in gzip members of 1 MB each (RFC 1952 2.2 allows many), so that a large one takes no time to make. */
function bomb(bytes: number): Buffer {
  const part = gzipSync(Buffer.alloc(BOMB_PART));
  return Buffer.concat(Array.from({ length: Math.ceil(bytes / BOMB_PART) }, () => part));
}
