import { ASSET_KINDS, type AssetKind } from "./lib/asset-kinds.ts";

/** One setting: where it is read, what it takes in words, and how its text becomes a value (undefined: a bad one). */
export type Setting<T> = {
  variable: string;
  flag?: string;
  default: string;
  takes: string;
  parse(text: string): T | undefined;
  /** Its value is never printed, not even in an error. */
  secret?: boolean;
};

/** Every setting there is. A test compares the table of docs/configuration.md with this one. */
export const SETTINGS = {
  token: setting({
    variable: "ACEDATACLOUD_API_TOKEN",
    secret: true,
    default: "",
    takes: "the key of an application on platform.acedata.cloud, printable ASCII without blanks",
    parse: (text) => (/^[\x21-\x7e]*$/.test(text) ? text : undefined),
  }),
  home: setting({
    variable: "PRODUCER_MIRROR_HOME",
    flag: "--home",
    default: "data",
    takes: "a folder",
    parse: (text) => text,
  }),
  assets: setting({
    variable: "PRODUCER_MIRROR_ASSETS",
    flag: "--assets",
    default: "",
    takes: "a folder",
    parse: (text) => text,
  }),
  apiUrl: setting({
    variable: "PRODUCER_MIRROR_API_URL",
    flag: "--api-url",
    default: "https://api.acedata.cloud",
    takes: "an https URL, or an http URL on loopback",
    parse: parseApiUrl,
  }),
  assetHosts: setting({
    variable: "PRODUCER_MIRROR_ASSET_HOSTS",
    flag: "--asset-hosts",
    default: "",
    takes: "hosts as host or host:port, separated by commas",
    parse: parseHosts,
  }),
  kinds: setting({
    variable: "PRODUCER_MIRROR_KINDS",
    flag: "--kinds",
    default: "audio,image,video,wav,stems",
    takes: "one or more of audio, image, video, wav, stems, separated by commas",
    parse: parseKinds,
  }),
  from: setting({
    variable: "PRODUCER_MIRROR_FROM",
    flag: "--from",
    default: "",
    takes: "files, separated by commas",
    parse: list,
  }),
  rate: setting({
    variable: "PRODUCER_MIRROR_RATE",
    flag: "--rate",
    default: "1",
    takes: "API requests per second, from 0 (no limit) to 100",
    parse: (text) => number(text, 0, 100),
  }),
  batchSize: setting({
    variable: "PRODUCER_MIRROR_BATCH",
    flag: "--batch-size",
    default: "50",
    takes: "a whole number of ids from 1 to 50",
    parse: (text) => whole(text, 1, 50),
  }),
  concurrency: setting({
    variable: "PRODUCER_MIRROR_CONCURRENCY",
    flag: "--concurrency",
    default: "8",
    takes: "a whole number of downloads from 1 to 64",
    parse: (text) => whole(text, 1, 64),
  }),
  idleTimeout: setting({
    variable: "PRODUCER_MIRROR_IDLE_TIMEOUT",
    flag: "--idle-timeout",
    default: "30",
    takes: "seconds, more than 0 and at most 3600",
    parse: (text) => {
      const seconds = number(text, 0, 3600);
      return seconds === 0 ? undefined : seconds;
    },
  }),
  listen: setting({
    variable: "PRODUCER_MIRROR_LISTEN",
    flag: "--listen",
    default: "127.0.0.1:6464",
    takes: "host:port, such as 127.0.0.1:6464 or [::1]:6464; port 0 means any free one",
    parse: parseListen,
  }),
  receiveListen: setting({
    variable: "PRODUCER_MIRROR_RECEIVE_LISTEN",
    flag: "--receive-listen",
    default: "127.0.0.1:6465",
    takes: "host:port, such as 127.0.0.1:6465 or [::1]:6465; port 0 means any free one",
    parse: parseListen,
  }),
  publicUrl: setting({
    variable: "PRODUCER_MIRROR_PUBLIC_URL",
    flag: "--public-url",
    default: "",
    takes: "the http or https URL by which the outside reaches the receiver",
    parse: parsePublicUrl,
  }),
  allowedHosts: setting({
    variable: "PRODUCER_MIRROR_ALLOWED_HOSTS",
    flag: "--allowed-hosts",
    default: "",
    takes: "hosts as host or host:port, separated by commas",
    parse: parseHosts,
  }),
  serveKey: setting({
    variable: "PRODUCER_MIRROR_SERVE_KEY",
    secret: true,
    default: "",
    takes: "at least 16 printable ASCII characters without blanks",
    parse: (text) => (text === "" || /^[\x21-\x7e]{16,}$/.test(text) ? text : undefined),
  }),
};

function setting<T>(definition: Setting<T>): Setting<T> {
  return definition;
}

function parseApiUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const loopback =
    url.hostname === "localhost" || url.hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(url.hostname);
  const allowed = url.protocol === "https:" || (url.protocol === "http:" && loopback);
  if (!allowed || url.username || url.password || url.search || url.hash) return undefined;
  return url.href.replace(/\/+$/, "");
}

/** Where to listen: a host name or address without brackets, and a port; 0 for any free one. */
export type ListenAddress = { host: string; port: number };

/** The same as text; an IPv6 address gets brackets. */
export function listenText({ host, port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function parseListen(text: string): ListenAddress | undefined {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^\s/@:[\]?#\\*%]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { host: host.toLowerCase(), port: Number(port) };
}

function parsePublicUrl(text: string): string | undefined {
  if (text === "") return "";
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain = (url.protocol === "https:" || url.protocol === "http:") && !url.username && !url.password;
  return plain && !url.search && !url.hash ? url.href.replace(/\/+$/, "") : undefined;
}

function parseHosts(text: string): string[] | undefined {
  const hosts = list(text).map(parseHost);
  return hosts.every((host) => host !== undefined) ? hosts : undefined;
}

/** As a URL names it: lower case, punycode, four numbers; the port as it was given. */
function parseHost(text: string): string | undefined {
  const [, host = "", port] = /^(\[[0-9a-f:.]+\]|[^\s/@:[\]?#\\*%]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (!host || !URL.canParse(`http://${host}`) || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) return undefined;
  const { hostname } = new URL(`http://${host}`);
  return port === undefined ? hostname : `${hostname}:${Number(port)}`;
}

function parseKinds(text: string): AssetKind[] | undefined {
  const wanted = list(text);
  const known = wanted.every((kind) => (ASSET_KINDS as readonly string[]).includes(kind));
  return known && wanted.length > 0 ? ASSET_KINDS.filter((kind) => wanted.includes(kind)) : undefined;
}

function list(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

function number(text: string, least: number, most: number): number | undefined {
  if (!/^\d+(\.\d+)?$/.test(text)) return undefined;
  const result = Number(text);
  return result >= least && result <= most ? result : undefined;
}

function whole(text: string, least: number, most: number): number | undefined {
  const result = number(text, least, most);
  return result !== undefined && Number.isInteger(result) ? result : undefined;
}
