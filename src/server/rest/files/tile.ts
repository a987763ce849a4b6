import { createHash } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";

const SIDE = 300;
/** Cells of the pattern on one side; it mirrors itself. */
const CELLS = 5;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A picture for what has none: two colours in a pattern, always the same for an id. A PNG. */
export function tile(id: string): Uint8Array<ArrayBuffer> {
  const bytes = createHash("sha256").update(id).digest();
  const palette = [...colour(bytes[0] ?? 0, 0.25), ...colour(bytes[0] ?? 0, 0.45)];
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  // Eight bits a pixel, each the number of a colour.
  header.set([8, 3, 0, 0, 0], 8);
  const parts = [
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette)),
    chunk("IDAT", deflateSync(pixels(bytes))),
    chunk("IEND", Buffer.alloc(0)),
  ];
  return new Uint8Array(Buffer.concat([SIGNATURE, ...parts]));
}

/** Rows, each after a zero: no filter. */
function pixels(bytes: Buffer): Buffer {
  const rows = Buffer.alloc((SIDE + 1) * SIDE);
  const cell = (at: number) => Math.floor((at * CELLS) / SIDE);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const column = Math.min(cell(x), CELLS - 1 - cell(x));
      rows[y * (SIDE + 1) + 1 + x] = (bytes[1 + cell(y) * CELLS + column] ?? 0) & 1;
    }
  return rows;
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(content.length + 8);
  framed.writeUInt32BE(data.length, 0);
  content.copy(framed, 4);
  framed.writeUInt32BE(crc32(content), content.length + 4);
  return framed;
}

/** A quiet colour of a hue (0 to 255) and lightness (0 to 1), as red, green and blue. */
function colour(hue: number, lightness: number): number[] {
  const strength = 0.35 * Math.min(lightness, 1 - lightness);
  return [0, 8, 4].map((offset) => {
    const turn = (offset + (hue / 256) * 12) % 12;
    return Math.round(255 * (lightness - strength * Math.max(-1, Math.min(turn - 3, 9 - turn, 1))));
  });
}
