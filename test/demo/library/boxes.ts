/** Names of the top-level boxes of an MP4; throws unless their sizes add up to the file. */
export function topBoxes(bytes: Buffer): string[] {
  const names: string[] = [];
  let place = 0;
  while (place < bytes.length) {
    const size = bytes.readUInt32BE(place);
    if (size < 8 || place + size > bytes.length) throw new Error(`a box at ${place} does not fit`);
    names.push(bytes.toString("latin1", place + 4, place + 8));
    place += size;
  }
  return names;
}

/** Seconds by the movie header (version 0), which must be in the first `moov`. */
export function movieSeconds(bytes: Buffer): number {
  const place = bytes.indexOf("mvhd") + 4;
  return bytes.readUInt32BE(place + 16) / bytes.readUInt32BE(place + 12);
}
