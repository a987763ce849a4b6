import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { assetBytes } from "../src/demo/service/asset-bytes.ts";
import { makeLibrary } from "../test/stand-in/make-record.ts";
import { startDemoService } from "../src/demo/service/demo-service.ts";

/**
 * A service whose songs are all one file of 1.5 MB and whose covers are all one of 100 KB, held in memory: it costs next
 * to nothing beside the client that is measured. Prints `{ url, assetHost, ids, urls }`, ends when stdin closes.
 */
const { values: flags } = parseArgs({ options: { tasks: { type: "string" }, hashes: { type: "boolean" } } });
const AUDIO_BYTES = 1_500_000;
const IMAGE_BYTES = 100_000;
const MAX_COMMENT = 65_533;

const audio = described(assetBytes({ kind: "audio", id: "bench" }, "", AUDIO_BYTES), "audio/mp4");
const image = described(padJpeg(assetBytes({ kind: "image", id: "bench" }), IMAGE_BYTES), "image/jpeg");
const files = createServer((request, response) => {
  const { body, headers } = request.url?.endsWith(".jpg") ? image : audio;
  response.writeHead(200, headers).end(body);
}).listen(0, "127.0.0.1");
await once(files, "listening");
const assetHost = `127.0.0.1:${(files.address() as AddressInfo).port}`;
const library = makeLibrary({ tasks: Number(flags.tasks), assetBase: `http://${assetHost}` });
const service = await startDemoService({ library: () => library });
const records = Array.from({ length: library.size }, (_, n) => library.value(n) as Song);
const urls = records.flatMap(({ response }) => response.data.flatMap((clip) => [clip.audio_url, clip.image_url]));
const ids = Array.from({ length: library.size }, (_, n) => library.id(n));
process.stdout.write(`${JSON.stringify({ url: service.url, assetHost, ids, urls })}\n`);
process.stdin.resume();
await once(process.stdin, "end");
await service.close();
files.close();
files.closeAllConnections();

type Song = { response: { data: { audio_url: string; image_url: string }[] } };

function described(body: Buffer, type: string) {
  const md5 = createHash("md5").update(body).digest("base64");
  const hash = flags.hashes === true ? { "x-goog-hash": `md5=${md5}` } : {};
  return { body, headers: { "Content-Type": type, "Content-Length": body.length, ...hash } };
}

/** Adds COM segments behind the JFIF segment. */
function padJpeg(jpeg: Buffer, bytes: number): Buffer {
  const position = 4 + jpeg.readUInt16BE(4);
  const comments: Buffer[] = [];
  for (let left = bytes - jpeg.length; left > 4;) {
    const comment = Buffer.alloc(Math.min(left, MAX_COMMENT + 4));
    comment.writeUInt16BE(0xfffe, 0);
    comment.writeUInt16BE(comment.length - 2, 2);
    comments.push(comment);
    left -= comment.length;
  }
  return Buffer.concat([jpeg.subarray(0, position), ...comments, jpeg.subarray(position)]);
}
