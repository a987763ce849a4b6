import { dirname, join, resolve } from "node:path";
import type { AssetKind } from "./lib/asset-kinds.ts";
import { readDotEnv } from "./lib/files/dot-env.ts";
import { UsageError } from "./lib/errors.ts";
import { workingFolder } from "./lib/files/working-folder.ts";
import { listenText, SETTINGS, type ListenAddress, type Setting } from "./settings.ts";

/** Values that came from the command line; undefined means the flag was not given. */
export type Flags = {
  home?: string | undefined;
  assets?: string | undefined;
  apiUrl?: string | undefined;
  assetHosts?: string | undefined;
  kinds?: string | undefined;
  from?: string[] | undefined;
  rate?: string | undefined;
  batchSize?: string | undefined;
  concurrency?: string | undefined;
  idleTimeout?: string | undefined;
  listen?: string | undefined;
  receiveListen?: string | undefined;
  publicUrl?: string | undefined;
  allowedHosts?: string | undefined;
};

export type Config = {
  /** The archive folder, absolute. */
  home: string;
  /** The assets folder, absolute. */
  assets: string;
  /** In memory only: never logged, never stored. */
  token: string | undefined;
  /** Without a trailing slash. */
  apiUrl: string;
  /** `host` or `host:port`, lower case: may be plain http and private. */
  assetHosts: string[];
  kinds: AssetKind[];
  /** Absolute paths of files re-read at the start of each run. */
  from: string[];
  /** API requests per second, 0 = no limit. */
  rate: number;
  batchSize: number;
  /** Downloads at once. */
  concurrency: number;
  /** Seconds without a byte after which a download ends. */
  idleTimeoutSeconds: number;
  /** Where `serve` and `receive` listen. */
  listen: ListenAddress;
  receiveListen: ListenAddress;
  /** How the outside reaches the receiver, without a trailing slash; undefined: not at all. */
  publicUrl: string | undefined;
  /** `host` or `host:port`, lower case: names by which the service may be called. */
  allowedHosts: string[];
  /** In memory only, as the token. */
  serveKey: string | undefined;
  /** Remarks for stderr, such as a `.env` that others may read. */
  warnings: string[];
  /** Hears in one line of what takes a while, such as a migration. */
  note?: (line: string) => void;
};

/** One setting with its value as text (never a secret) and its source. */
export type ResolvedSetting = {
  variable: string;
  flag: string | null;
  value: string;
  /** `flag`, `environment`, `default`, or the path of a `.env`. */
  source: string;
};

type Environment = Record<string, string | undefined>;
type Source = { name: string; values: Environment };
type DotEnv = { sources: Source[]; warnings: string[] };

const NO_ENV: DotEnv = { sources: [], warnings: [] };

/** The settings of `home` with nothing read from the environment or a `.env`: what `demo` runs with. */
export function defaultConfig(home: string, settings: Partial<Config>): Config {
  return { ...resolveConfig({}, [], home, dirname(home)), ...settings };
}

/** The environment and working folder of the process; nothing else reads them. */
export function readEnvironment(): { env: Environment; cwd: () => string } {
  return { env: process.env, cwd: workingFolder };
}

/**
 * The settings of one command: flag over environment over `<home>/.env` over `.env` in the working folder; an empty
 * value counts as unset. Throws UsageError that names the variable, what it got and what it takes.
 */
export function loadConfig(flags: Flags, env: Environment, cwd: string): Config {
  const { home, sources, warnings } = findSources(flags, env, cwd);
  const config = resolveConfig(flags, sources, home, cwd);
  return { ...config, warnings: [...warnings, ...config.warnings] };
}

/** Each setting of `loadConfig` with its value in words and its source. Throws as that does. */
export function resolveSettings(flags: Flags, env: Environment, cwd: string): ResolvedSetting[] {
  const { home, sources } = findSources(flags, env, cwd);
  const config = resolveConfig(flags, sources, home, cwd);
  return (Object.keys(SETTINGS) as (keyof typeof SETTINGS)[]).map((name) => {
    const { variable, flag = null } = SETTINGS[name] as Setting<unknown>;
    return { variable, flag, value: inWords(name, config), source: sourceOf(name, flags, sources) };
  });
}

function inWords(name: keyof typeof SETTINGS, config: Config): string {
  if (name === "token" || name === "serveKey") return secretInWords(config[name]);
  const value = config[name === "idleTimeout" ? "idleTimeoutSeconds" : name];
  if (Array.isArray(value)) return value.join(",") || "none";
  return typeof value === "object" ? listenText(value) : String(value ?? "none");
}

function secretInWords(secret: string | undefined): string {
  return secret ? `set (${secret.length} characters, hidden)` : "not set";
}

function sourceOf(name: keyof typeof SETTINGS, flags: Flags, sources: Source[]): string {
  const flag = name === "token" || name === "serveKey" ? undefined : flags[name];
  if (flag?.length && String(flag).trim()) return "flag";
  const asked = name === "apiUrl" ? urlSources(sources).counted : sources;
  return find(SETTINGS[name] as Setting<unknown>, asked)?.source.name ?? "default";
}

function findSources(flags: Flags, env: Environment, cwd: string) {
  const here = dotEnv(join(cwd, ".env"));
  const environment: Source = { name: "environment", values: env };
  const outer = [environment, ...here.sources];
  const home = resolve(cwd, flags.home?.trim() || find(SETTINGS.home, outer)?.text.trim() || SETTINGS.home.default);
  const own = home === resolve(cwd) ? NO_ENV : dotEnv(join(home, ".env"));
  // A home cannot say where it is.
  for (const { values } of own.sources) delete values[SETTINGS.home.variable];
  return {
    home,
    sources: [environment, ...own.sources, ...here.sources],
    warnings: [...own.warnings, ...here.warnings],
  };
}

function resolveConfig(flags: Flags, sources: Source[], home: string, cwd: string): Config {
  const read = <T>(setting: Setting<T>, flag?: string): T => value(setting, flag, sources);
  const { apiUrl, warning } = safeApiUrl(flags.apiUrl, sources);
  return {
    home,
    assets: resolve(cwd, read(SETTINGS.assets, flags.assets) || join(home, "assets")),
    token: read(SETTINGS.token) || undefined,
    apiUrl,
    assetHosts: read(SETTINGS.assetHosts, flags.assetHosts),
    kinds: read(SETTINGS.kinds, flags.kinds),
    from: (flags.from?.length ? flags.from : read(SETTINGS.from)).map((file) => resolve(cwd, file)),
    rate: read(SETTINGS.rate, flags.rate),
    batchSize: read(SETTINGS.batchSize, flags.batchSize),
    concurrency: read(SETTINGS.concurrency, flags.concurrency),
    idleTimeoutSeconds: read(SETTINGS.idleTimeout, flags.idleTimeout),
    listen: read(SETTINGS.listen, flags.listen),
    receiveListen: read(SETTINGS.receiveListen, flags.receiveListen),
    publicUrl: read(SETTINGS.publicUrl, flags.publicUrl) || undefined,
    allowedHosts: read(SETTINGS.allowedHosts, flags.allowedHosts),
    serveKey: read(SETTINGS.serveKey) || undefined,
    warnings: warning,
  };
}

function value<T>(setting: Setting<T>, flag: string | undefined, sources: Source[]): T {
  if (flag?.trim()) return parse(setting, `${setting.flag} (${setting.variable})`, flag);
  const found = find(setting, sources);
  return found ? parse(setting, setting.variable, found.text) : parse(setting, setting.variable, setting.default);
}

function parse<T>(setting: Setting<T>, name: string, text: string): T {
  const result = setting.parse(text.trim());
  if (result !== undefined) return result;
  const got = setting.secret ? `set to ${text.length} characters that are no key` : `"${text}"`;
  throw new UsageError(`${name} is ${got}; it takes ${setting.takes}`);
}

function find<T>(setting: Setting<T>, sources: Source[]): { text: string; source: Source } | undefined {
  for (const source of sources) {
    const text = source.values[setting.variable];
    if (text?.trim()) return { text, source };
  }
  return undefined;
}

/** A cloned folder must not be able to send a token elsewhere: a `.env` names the API only beside its own token. */
function safeApiUrl(flag: string | undefined, sources: Source[]): { apiUrl: string; warning: string[] } {
  if (flag?.trim()) return { apiUrl: value(SETTINGS.apiUrl, flag, []), warning: [] };
  const { counted, ignored } = urlSources(sources);
  const warning = ignored.map(({ name }) => `${name} names an API URL but not the token in use: the URL is ignored`);
  return {
    apiUrl: value(SETTINGS.apiUrl, undefined, counted),
    warning: find(SETTINGS.token, sources) ? warning : [],
  };
}

/** The one source whose API URL counts, if there is one, and those before it whose URL does not. */
function urlSources(sources: Source[]): { counted: Source[]; ignored: Source[] } {
  const token = find(SETTINGS.token, sources);
  const naming = sources.filter((source) => source.values[SETTINGS.apiUrl.variable]?.trim());
  const chosen = naming.findIndex((source) => source.name === "environment" || source === token?.source);
  if (chosen === -1) return { counted: [], ignored: naming };
  return { counted: naming.slice(chosen, chosen + 1), ignored: naming.slice(0, chosen) };
}

function dotEnv(path: string): DotEnv {
  const read = readDotEnv(path);
  if (read === null) return NO_ENV;
  const { values, open } = read;
  const secret = Boolean(values[SETTINGS.token.variable]?.trim());
  return {
    sources: [{ name: path, values }],
    warnings: open && secret ? [`${path} holds a token and others may read it: chmod 600 ${path}`] : [],
  };
}
