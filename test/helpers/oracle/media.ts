/** What is wrong with a file by its ending, as far as its own structure tells; undefined for a good one. */
export function mediaProblem(ending: string, bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 16).toString("latin1");
  switch (ending) {
    case "m4a":
    case "mp4":
      return boxProblem(bytes);
    case "jpg":
      return head.startsWith("\xff\xd8\xff") && bytes.includes("ffd9", 0, "hex") ? undefined : "no whole JPEG";
    case "png":
      return head.startsWith("\x89PNG\r\n\x1a\n") && bytes.subarray(-8, -4).toString("latin1") === "IEND"
        ? undefined
        : "no whole PNG";
    case "webp":
      return riffProblem(bytes, "WEBP");
    case "wav":
      return riffProblem(bytes, "WAVE");
    case "mp3":
      return head.startsWith("ID3") || (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0) ? undefined : "no MP3";
    case "zip":
      return head.startsWith("PK\x03\x04") && bytes.includes("PK\x05\x06") ? undefined : "no whole zip";
    default:
      return `an ending that nobody gives: ${ending}`;
  }
}

/** Top-level boxes must add up to the file, with ftyp first, and moov and mdat among them (ISO/IEC 14496-12, 4.2). */
function boxProblem(bytes: Buffer): string | undefined {
  const names: string[] = [];
  for (let at = 0; at < bytes.length;) {
    if (bytes.length - at < 8) return "ends inside the head of a box";
    const short = bytes.readUInt32BE(at);
    const size = short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short === 0 ? bytes.length - at : short;
    names.push(bytes.subarray(at + 4, at + 8).toString("latin1"));
    if (size < 8 || at + size > bytes.length) return `box ${names.at(-1)} reaches beyond the end`;
    at += size;
  }
  if (names[0] !== "ftyp") return "does not begin with ftyp";
  return names.includes("moov") && names.includes("mdat") ? undefined : "has no moov or no mdat";
}

function riffProblem(bytes: Buffer, form: string): string | undefined {
  if (bytes.length < 12 || bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, 12) !== form)
    return `no ${form}`;
  const size = bytes.readUInt32LE(4) + 8;
  return size === bytes.length || size + 1 === bytes.length ? undefined : `says ${size} bytes and has ${bytes.length}`;
}
