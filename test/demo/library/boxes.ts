/** Names of the top-level boxes of an MP4; throws unless their sizes add up to the file. */
export function topBoxes(bytes: Buffer): string[] {
  const names: string[] = [];
  let position = 0;
  while (position < bytes.length) {
    const size = bytes.readUInt32BE(position);
    if (size < 8 || position + size > bytes.length) throw new Error(`a box at ${position} does not fit`);
    names.push(bytes.toString("latin1", position + 4, position + 8));
    position += size;
  }
  return names;
}

/** Seconds by the movie header (version 0), which must be in the first `moov`. */
export function movieSeconds(bytes: Buffer): number {
  const position = bytes.indexOf("mvhd") + 4;
  return bytes.readUInt32BE(position + 16) / bytes.readUInt32BE(position + 12);
}
