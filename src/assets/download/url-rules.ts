import { literalHostProblem } from "../../lib/net/public-address.ts";
import { AssetError } from "../asset-error.ts";

const MAX_LENGTH = 8192;
// The URL parser drops tabs and newlines and turns backslashes, so two programs may read two hosts from one text.
const AMBIGUOUS = /[\u0000-\u001f\u007f\\]/u;

/**
 * Reads the URL of a file, or of a redirect's `base`, and refuses what may not be fetched: only https on port 443 to a
 * host that is not visibly private, without a user name. `assetHosts` holds `host` (any port) or `host:port` in
 * lower case that may also be plain http, private, or on another port. Names are checked later, by their addresses.
 * Throws AssetError `refused_url` (follow-up `never`).
 */
export function checkAssetUrl(text: string, assetHosts: readonly string[], base?: URL): URL {
  if (text.length > MAX_LENGTH) throw refused("the URL is longer than 8,192 characters");
  if (AMBIGUOUS.test(text)) throw refused("the URL holds a control character or a backslash");
  if (!URL.canParse(text, base?.href)) throw refused("not a URL");
  const url = new URL(text, base);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refused(`not an https URL (${url.protocol})`);
  if (url.username !== "" || url.password !== "") throw refused("the URL holds a user name or password");
  url.hash = "";
  if (mayBePrivate(assetHosts, hostOf(url), portOf(url))) return url;
  checkPublic(url);
  return url;
}

/** Whether the user named this host as one that may be plain http or private. */
export function mayBePrivate(assetHosts: readonly string[], host: string, port: number): boolean {
  const bracketed = host.includes(":") ? `[${host}]` : host;
  return [host, bracketed, `${bracketed}:${port}`].some((name) => assetHosts.includes(name));
}

function checkPublic(url: URL): void {
  const hint = `allow it with --asset-hosts ${url.hostname}:${portOf(url)} if you trust it`;
  const problem = literalHostProblem(url.hostname);
  if (problem !== null) throw refused(problem, hint);
  if (url.protocol !== "https:") throw refused(`plain http to ${url.host}`, hint);
  if (url.port !== "") throw refused(`port ${url.port} of ${url.hostname}`, hint);
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

function portOf(url: URL): number {
  return Number(url.port || (url.protocol === "https:" ? 443 : 80));
}

function refused(problem: string, hint?: string): AssetError {
  return new AssetError("refused_url", `refused: ${problem}`, {
    followUp: "never",
    ...(hint === undefined ? {} : { hint }),
  });
}
