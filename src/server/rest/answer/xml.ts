import { xmlAttribute, xmlText } from "../../../lib/text/xml-text.ts";

/** What an answer is made of. Null and undefined are left out. */
export type Value = string | number | boolean | null | undefined | Fields | Value[];
export type Fields = { [name: string]: Value };

/** The field that is an element's text and not an attribute. */
const TEXT = "value";

/**
 * An answer as XML, by one rule: fields are attributes, except `value`, which is the element's text; objects are elements,
 * and a list is its elements one after the other. What cannot be an attribute keeps its order.
 */
export function toXml(name: string, fields: Fields): string {
  let attributes = "";
  let inside = "";
  for (const [key, value] of Object.entries(fields)) {
    if (value === null || value === undefined) continue;
    if (Array.isArray(value)) inside += value.map((one) => listed(key, one)).join("");
    else if (typeof value === "object") inside += toXml(key, value);
    else if (key === TEXT) inside += xmlText(String(value));
    else attributes += ` ${key}="${typeof value === "string" ? xmlAttribute(value) : value}"`;
  }
  return inside === "" ? `<${name}${attributes}/>` : `<${name}${attributes}>${inside}</${name}>`;
}

function listed(name: string, value: Value): string {
  if (value === null || value === undefined || Array.isArray(value)) return "";
  return toXml(name, typeof value === "object" ? value : { [TEXT]: value });
}
