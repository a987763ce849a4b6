/** The first `limit` characters of received bytes as printable ASCII, everything else as `\xNN`, for one line of a message. */
export function safeHead(bytes: Buffer, limit = 200): string {
  let text = "";
  for (const byte of bytes.subarray(0, limit)) {
    const next =
      byte >= 0x20 && byte < 0x7f && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`;
    if (text.length + next.length > limit) break;
    text += next;
  }
  return text;
}
