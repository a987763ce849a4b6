import { packageVersion } from "../../../lib/package-root.ts";
import { optional, type Parameters } from "../parameters.ts";
import { RestError } from "../rest-error.ts";
import { toXml, type Fields } from "./xml.ts";

/** How an answer is asked for. */
export type AnswerFormat = { kind: "xml" } | { kind: "json" } | { kind: "jsonp"; callback: string };

/** A body with its type. */
export type Rendered = { type: string; body: string };

const NAMESPACE = "http://subsonic.org/restapi";
const VERSION = "1.16.1";
let serverVersion: string | undefined;
const TYPES = { xml: "application/xml", json: "application/json", jsonp: "application/javascript" };

/** XML unless `f` is json or jsonp. Throws RestError for another word, and for jsonp without the name of a function. */
export function readFormat(parameters: Parameters): AnswerFormat {
  const kind = optional(parameters, "f")?.toLowerCase() || "xml";
  if (kind === "xml" || kind === "json") return { kind };
  if (kind !== "jsonp") throw new RestError("generic", "f takes xml, json or jsonp");
  const callback = optional(parameters, "callback") ?? "";
  if (/^[\w$]+(\.[\w$]+)*$/.test(callback) && callback.length <= 200) return { kind, callback };
  throw new RestError("missing", 'f=jsonp needs "callback", the name of a function');
}

/** The whole answer. */
export function render(format: AnswerFormat, answer: Fields): Rendered {
  serverVersion ??= packageVersion();
  const about = { version: VERSION, type: "producer-mirror", serverVersion, openSubsonic: true };
  const body = bodyOf(format, { status: "ok", ...about, ...answer });
  return { type: `${TYPES[format.kind]}; charset=utf-8`, body };
}

/** An answer with `status: failed`. */
export function renderFailure(format: AnswerFormat, error: RestError): Rendered {
  return render(format, { status: "failed", error: { code: error.code, message: error.message } });
}

function bodyOf(format: AnswerFormat, answer: Fields): string {
  if (format.kind === "xml")
    return `<?xml version="1.0" encoding="UTF-8"?>\n${toXml("subsonic-response", { xmlns: NAMESPACE, ...answer })}\n`;
  // What is not known is left out, as in XML: players do not expect null.
  const json = JSON.stringify({ "subsonic-response": answer }, (_, value: unknown) => value ?? undefined);
  // The comment keeps the answer from being read as another kind of file that begins with the name.
  return format.kind === "json" ? json : `/**/${format.callback}(${json.replace(/[\u2028\u2029]/g, escaped)});`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16)}`;
}
