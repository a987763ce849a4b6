import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseRssFeed } from "feedsmith";
import { RelaxNGValidator, XmlDocument } from "libxml2-wasm";

const SCHEMA = readFileSync(join(import.meta.dirname, "../fixtures/podcast.rng"));

/** Throws what libxml2 finds wrong with a podcast feed: not well-formed, or not as the schema wants it. */
export function validateFeed(text: string | Buffer): void {
  const schema = XmlDocument.fromBuffer(SCHEMA);
  const validator = RelaxNGValidator.fromDoc(schema);
  try {
    const document = typeof text === "string" ? XmlDocument.fromString(text) : XmlDocument.fromBuffer(text);
    try {
      validator.validate(document);
    } finally {
      document.dispose();
    }
  } finally {
    validator.dispose();
    schema.dispose();
  }
}

/** The feed as a program for feeds understands it, once it is valid. */
export function readFeed(text: string | Buffer) {
  validateFeed(text);
  return parseRssFeed(text.toString());
}
