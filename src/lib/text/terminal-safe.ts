/**
 * Text from outside may contain escape sequences that move the cursor, set the clipboard or reverse the reading direction
 * (CWE-150). Every invisible character is shown as its `\u` escape instead.
 */
const eachInvisible = () =>
  /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\ufff9-\ufffb\u2800\ufeff]/gu;

/**
 * Nearly all text: ASCII, accented Latin letters, quotes and dashes, but no soft hyphen. The other expressions are only
 * compiled for text beyond this: their classes cost 3 ms, a thirtieth of a short command.
 */
const PLAIN = /^[\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027]*$/;
const PLAIN_LINES = /^[\n\t\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027]*$/;

/** Joiners and variation selectors that belong to the text: in emoji, Persian and Indic letters, kanji variants. */
const eachJoined = () =>
  /(?<=\p{Extended_Pictographic}\ufe0f?|\p{Emoji_Modifier})\u200d(?=\p{Extended_Pictographic})|(?<=[\p{Emoji}])[\ufe0e\ufe0f]|(?<=\p{sc=Han})[\u{e0100}-\u{e01ef}]|(?<=[\p{sc=Arab}\p{sc=Deva}\p{sc=Beng}\p{sc=Guru}\p{sc=Gujr}\p{sc=Orya}\p{sc=Taml}\p{sc=Telu}\p{sc=Knda}\p{sc=Mlym}\p{sc=Sinh}]\p{M}*)[\u200c\u200d](?=[\p{L}\p{M}])/gu;

/** Text for one line: every invisible character is escaped, line breaks and tabs too. */
export function safeLine(text: string): string {
  return PLAIN.test(text) ? text : replaceInvisible(text, "");
}

/** Text of several lines: as `safeLine`, but line breaks (CRLF becomes LF) and tabs stay. */
export function safeText(text: string): string {
  return PLAIN_LINES.test(text) ? text : replaceInvisible(text.replaceAll("\r\n", "\n"), "\n\t");
}

/** JSON text in which every invisible character is escaped: the same value, and safe to print. */
export function safeJson(json: string): string {
  if (PLAIN.test(json)) return json;
  return json.replace(eachInvisible(), (found) =>
    found === "\n" ? found : [...unitsOf(found)].map(escapeUnit).join(""),
  );
}

function replaceInvisible(text: string, allowed: string): string {
  if (text.search(eachInvisible()) < 0) return text;
  const kept = new Set(Array.from(text.matchAll(eachJoined()), ({ index }) => index));
  return text.replace(eachInvisible(), (found, index: number) =>
    allowed.includes(found) || kept.has(index) ? found : escapeOf(found),
  );
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : escapeUnit(code);
}

function* unitsOf(character: string): Generator<number> {
  for (let at = 0; at < character.length; at++) yield character.charCodeAt(at);
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

/** The beginning of received bytes for a message: printable ASCII as it is, everything else as `\xNN`, at most `limit` characters. */
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
