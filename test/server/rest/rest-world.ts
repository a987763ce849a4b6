import { readFileSync } from "node:fs";
import { join } from "node:path";
import { XmlDocument, XsdValidator } from "libxml2-wasm";
import type { DemoLibrary } from "../../../src/demo/library/library-types.ts";
import { clipIdOf, makeRecord, taskIdOf, type Overrides } from "../../stand-in/make-record.ts";
import { serveWorld, type Served } from "../served.ts";

export const KEY = "sesame-0123456789abcdef";
/** How the key logs in, as it is longest known. */
export const LOGIN = `u=env&p=${KEY}`;

export const SONGS = { plain: 0, marked: 1, timed: 2, wordless: 3, jazz: 4, withoutId: 5, bare: 6, later: 7 };

const MAY_2026 = Date.UTC(2026, 4, 3, 12);
const SPECIALS: Record<number, Overrides> = {
  [SONGS.marked]: { clip: { title: `<b>Rain & "Sun"</b> 'n' \u0007snow`, lyric: "one < two\n\n& <three>" } },
  [SONGS.timed]: {
    clip: { lyric: "[ar:Nobody]\n[00:01.50]First line\n[00:03.25][00:10.00]Again & again\n[00:05]Third" },
  },
  [SONGS.wordless]: { clip: { lyric: "" }, request: { lyric: "" } },
  [SONGS.jazz]: { request: { prompt: "slow jazz with brushes" } },
  [SONGS.withoutId]: { clip: { id: undefined } },
  [SONGS.bare]: { clip: { image_url: null } },
  [SONGS.later]: {
    created_at: MAY_2026 / 1000,
    clip: { title: "Silver Echoes", created_at: new Date(MAY_2026).toISOString() },
  },
};

/** A library with a song of each difficult kind, served with one key. */
export function serveSongs(tasks = 9): Promise<Served> {
  const library = (assetBase: string): DemoLibrary => ({
    size: tasks,
    id: (n) => taskIdOf(n),
    value: (n) => makeRecord(n, SPECIALS[n] ?? {}, { assetBase }),
    unknownIds: [],
  });
  return serveWorld({}, { serveKey: KEY }, { library });
}

export const idOf = (song: keyof typeof SONGS): string => clipIdOf(SONGS[song]);
export const taskOf = (song: keyof typeof SONGS): string => taskIdOf(SONGS[song]);

/** Any JSON answer, without types: a test says what it expects. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Answer = any;

/** The answer as JSON, without what is around it. */
export async function ask({ url }: { url: string }, call: string): Promise<Answer> {
  const answer = await fetch(`${url}/rest/${withLogin(call)}&f=json`);
  return ((await answer.json()) as Answer)["subsonic-response"];
}

function withLogin(call: string): string {
  return `${call}${call.includes("?") ? "&" : "?"}${LOGIN}&v=1.16.1&c=test`;
}

/** The answer as XML text, which must be valid. */
export async function askXml({ url }: { url: string }, call: string): Promise<string> {
  const text = await (await fetch(`${url}/rest/${withLogin(call)}`)).text();
  validate(text);
  return text;
}

const SCHEMA = readFileSync(join(import.meta.dirname, "../../fixtures/subsonic.xsd"));
/** The schema that Subsonic publishes, where somebody has it; it knows nothing of OpenSubsonic's additions. */
const PUBLISHED = process.env["MIRROR_TEST_SUBSONIC_XSD"];
const ADDED_ATTRIBUTES =
  / (type="producer-mirror"|serverVersion="[^"]*"|openSubsonic="true"|mediaType="song"|played="[^"]*")/g;
const ADDED = /<(openSubsonicExtensions|lyricsList|tokenInfo)\b/;

/** Throws for an answer that is not as the API describes it. */
export function validate(text: string): void {
  using document = XmlDocument.fromString(text);
  using schema = XmlDocument.fromBuffer(SCHEMA);
  using validator = XsdValidator.fromDoc(schema);
  validator.validate(document);
  if (PUBLISHED === undefined || ADDED.test(text)) return;
  using plain = XmlDocument.fromString(text.replace(ADDED_ATTRIBUTES, ""));
  using published = XmlDocument.fromBuffer(readFileSync(PUBLISHED));
  using publishedValidator = XsdValidator.fromDoc(published);
  publishedValidator.validate(plain);
}

/** XML read back by the rule that JSON and XML share: attributes are fields, `value` is text, elements are lists. */
export function readXml(text: string): Answer {
  using document = XmlDocument.fromString(text);
  return readElement(document.root as never);
}

type Node = {
  name: string;
  attrs: { name: string; value: string }[];
  content: string;
  firstChild: Node | null;
  next: Node | null;
};

function readElement(element: Node): Answer {
  const fields: Answer = Object.fromEntries(element.attrs.map(({ name, value }) => [name, value]));
  let hasElements = false;
  for (let child = element.firstChild; child; child = child.next) {
    if (!("attrs" in child)) continue;
    hasElements = true;
    (fields[child.name] ??= []).push(readElement(child));
  }
  if (!hasElements && element.content !== "") fields.value = element.content;
  return fields;
}

/** A JSON answer in the shape that readXml gives: everything is text, each element a list, empty lists are not there. */
export function asXml(value: Answer): Answer {
  if (typeof value !== "object") return { value: String(value) };
  const fields: Answer = {};
  for (const [name, field] of Object.entries(value as Record<string, Answer>)) {
    if (Array.isArray(field)) {
      if (field.length > 0) fields[name] = field.map(asXml);
    } else if (typeof field === "object") fields[name] = [asXml(field)];
    else if (!(name === "value" && field === "")) fields[name] = String(field);
  }
  return fields;
}
