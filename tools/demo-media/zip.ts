import { crc32 } from "node:zlib";

const DOS_DATE = ((2026 - 1980) << 9) | (1 << 5) | 1;

/** A zip of stored (not compressed) entries with a fixed date, so that the same input gives the same bytes. */
export function zipOf(entries: { name: string; data: Buffer }[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of entries) {
    const fields = commonFields(name, data);
    const local = Buffer.concat([u32(0x04034b50), fields, Buffer.from(name), data]);
    const position = Buffer.concat([u16(0), u16(0), u16(0), u32(0), u32(offset)]);
    centrals.push(Buffer.concat([u32(0x02014b50), u16(20), fields, position, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  const counts = [u16(0), u16(0), u16(entries.length), u16(entries.length)];
  const end = Buffer.concat([u32(0x06054b50), ...counts, u32(central.length), u32(offset), u16(0)]);
  return Buffer.concat([...locals, central, end]);
}

/** The fields that the local and the central header share: version to extra length. */
function commonFields(name: string, data: Buffer): Buffer {
  const size = u32(data.length);
  const before = [u16(20), u16(0), u16(0), u16(0), u16(DOS_DATE), u32(crc32(data))];
  return Buffer.concat([...before, size, size, u16(Buffer.byteLength(name)), u16(0)]);
}

function u16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
