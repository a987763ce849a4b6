export const MODELS = [
  "FUZZ-2.0 Pro",
  "FUZZ-2.0",
  "FUZZ-2.0 Raw",
  "FUZZ-1.1 Pro",
  "FUZZ-1.0 Pro",
  "FUZZ-1.0",
  "FUZZ-1.1",
  "FUZZ-0.8",
] as const;

const FIRST = [
  "Amber",
  "Borrowed",
  "Copper",
  "Distant",
  "Early",
  "Folded",
  "Gentle",
  "Hollow",
  "Idle",
  "Jagged",
  "Kind",
];
const SECOND = ["Lanterns", "Mornings", "Needles", "Orchards", "Piers", "Quarries", "Rooftops", "Signals", "Tides"];
const VERBS = ["hums", "waits", "turns", "drifts", "glows", "bends", "listens"];
const LOCATIONS = [
  "under the bridge",
  "by the kitchen door",
  "on the last tram",
  "over the wet field",
  "behind the radio",
];
const STYLES = [
  "slow folk, nylon guitar",
  "bright synth pop",
  "lo-fi beats, vinyl crackle",
  "string quartet",
  "dub techno",
];

/** Titles repeat after 99 songs, as people's titles do. */
export function titleOf(n: number): string {
  return `${pick(FIRST, n)} ${pick(SECOND, n)}`;
}

export function promptOf(n: number): string {
  return `${pick(STYLES, n)}, ${80 + (n % 80)} bpm`;
}

/** Words of our own; the number makes each distinct and searchable. */
export function lyricOf(n: number): string {
  const line = (k: number) => `${pick(FIRST, n + k)} light ${pick(VERBS, n + k)} ${pick(LOCATIONS, n * 3 + k)}`;
  const verse = `[Verse]\n${line(0)}\n${line(1)}\nNumber ${n} on the list and nobody is counting\n${line(2)}`;
  return `${verse}\n\n[Chorus]\nOh, ${line(3).toLowerCase()}\nOh, ${line(4).toLowerCase()}`;
}

function pick(words: readonly string[], n: number): string {
  return words[n % words.length] ?? "";
}
