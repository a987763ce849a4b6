/**
 * What a key says of a uuid under it: `task`: a task's id. `id`: nothing but that it is an id, so its record decides.
 * `text`: that a person reads it, so it counts as plain text. `other`: the id of something else. `unknown`: a name that is
 * none of these.
 */
export type KeyKind = "task" | "id" | "text" | "other" | "unknown";

const ID_WORDS = new Set(words("id ids uuid uuids guid guids"));

/** Keys of log lines whose values are written for people, and of lists whose name says nothing. */
const TEXT_WORDS = new Set(
  words(
    "msg message messages log line event body detail details error err errors exception exc info reason stack stacktrace traceback " +
      "output stdout stderr out result results response return returned arg args argv param params value values val data payload raw " +
      "what status step command cmd statement warning warn debug print created submitted queued started finished done new got item items " +
      "list array set input entry entries row rows stream text",
  ),
);

/** Things with ids of their own, as people name them in logs with and without `id` behind. */
const THINGS = new Set(
  words(
    "request req trace span parent user session clip song audio image video cover track voice lyric playlist album artist " +
      "correlation credential application app device idempotency key token bearer basic secret nonce csrf cookie etag client customer " +
      "tenant account org organization organisation project workspace team member group role policy job order invoice payment " +
      "transaction txn tx subscription webhook callback upload file asset object bucket pod container node host instance machine " +
      "cluster deployment connection conn thread peer installation visitor login auth author owner operation build release " +
      "conversation chat prompt template model dataset email contact person profile activity invocation execution workflow " +
      "sid uid rid cid tid pid swap reference batch queue job",
  ),
);

/** Texts of songs: whatever looks like an id in them is a part of the song. */
const SONG_TEXTS = /^(?:prompt|lyrics?|title|style|sound|topic|.*_?ur[il]|href|src|.*path|file_?name)$/i;
/** Texts that may be of a song or of a log: an id in them counts only where they name it as a task's. */
const VAGUE_TEXTS = /^(?:text|description|content|summary|notes?|comment)$/i;

/** What a key names: its last word that is no `id`, whatever the spelling (`taskId`, `TASK_ID`, `x-task-id`, `task.id`). */
export function keyKind(key: string): KeyKind {
  const all = splitWords(key);
  const named = all.filter((word) => !ID_WORDS.has(word) && !/^\d+$/.test(word));
  const [last, glued] = unglue(named.at(-1) ?? "");
  if (last === "") return all.length > 0 ? "id" : "text";
  if (/^tasks?\d*$/.test(last)) return "task";
  if (isThing(last)) return "other";
  if (glued || ID_WORDS.has(all.at(-1) ?? "")) return "other";
  return TEXT_WORDS.has(last) ? "text" : "unknown";
}

/** True for a key that ends in `id`. */
export function isIdKey(key: string): boolean {
  const last = splitWords(key).at(-1) ?? "";
  return ID_WORDS.has(last) || /^tasks?(?:ids?|uuids?|guids?)$/.test(last);
}

/** How the text under a key is read: not at all, only where it names a task, or as plain text. */
export function textUnder(key: string): "none" | "strict" | "plain" {
  if (SONG_TEXTS.test(key) || keyKind(key) === "other") return "none";
  return VAGUE_TEXTS.test(key) ? "strict" : "plain";
}

function isThing(word: string): boolean {
  return THINGS.has(word) || (word.endsWith("s") && THINGS.has(word.slice(0, -1)));
}

/** `userid` is `user` and `id`; `paid` is neither. */
function unglue(word: string): [string, boolean] {
  const [, start = ""] = /^(.{3,}?)(?:ids?|uuids?|guids?)$/.exec(word) ?? [];
  return start === "task" || isThing(start) ? [start, true] : [word, false];
}

function splitWords(key: string): string[] {
  return key
    .replaceAll(/U?U?ID(?=s?(?![a-z]))/g, (id) => `${id[0]}${id.slice(1).toLowerCase()}`)
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
}

function words(text: string): string[] {
  return text.split(" ");
}
