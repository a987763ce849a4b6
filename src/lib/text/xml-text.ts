/** What XML 1.0 cannot hold, not even as a reference, and halves of pairs. */
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };
const SPECIAL = /[&<>"']/g;
/** What most texts are made of, and what is the same in XML. */
const PLAIN = /^[ !#-%(-;=?-~]*$/;

/** A text inside of an element: line ends are LF, and what XML cannot hold is left out. */
export function xmlText(text: string): string {
  if (PLAIN.test(text)) return text;
  const lines = text.replace(/\r\n?/g, "\n").replace(NO_XML, "");
  return lines.replace(SPECIAL, (found) => ENTITIES[found] ?? found);
}

/** A text between the quotes of an attribute, where a reader would take tabs and line ends for blanks. */
export function xmlAttribute(text: string): string {
  return xmlText(text).replace(/[\t\n]/g, (found) => `&#${found.charCodeAt(0)};`);
}
