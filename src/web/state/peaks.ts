import { audioUrl } from "./song.ts";

/** The shape of a song: the loudest sample of each of `BARS` equal parts (0 to 1), and its loudness as a mean (RMS, dB). */
export type Peaks = { bars: number[]; loudness: number };

const BARS = 480;
const RATE = 11_025;
const DATABASE = "producer-mirror peaks";
const here = new Map<string, Promise<Peaks | undefined>>();

/** Measures a song once in this browser; undefined when it cannot be read or decoded. */
export function peaksOf(id: string): Promise<Peaks | undefined> {
  const known = here.get(id) ?? find(id).catch(() => undefined);
  here.set(id, known);
  if (here.size > 400) here.delete(here.keys().next().value ?? "");
  return known;
}

async function find(id: string): Promise<Peaks | undefined> {
  const database = await open().catch(() => undefined);
  const kept = database && (await request<Peaks | undefined>(database, "readonly", (all) => all.get(id)));
  if (kept) return kept;
  const response = await fetch(audioUrl(id));
  if (!response.ok) return undefined;
  const measured = measure(await decode(await response.arrayBuffer()));
  if (database) await request(database, "readwrite", (all) => all.put(measured, id)).catch(() => {});
  return measured;
}

/** At a low rate: the shape needs no more, and a song of five minutes would take 100 MB at its own. */
function decode(bytes: ArrayBuffer): Promise<AudioBuffer> {
  return new OfflineAudioContext(1, RATE, RATE).decodeAudioData(bytes);
}

function measure(audio: AudioBuffer): Peaks {
  const samples = audio.getChannelData(0);
  const part = Math.max(1, Math.floor(samples.length / BARS));
  let sum = 0;
  const bars = Array.from({ length: BARS }, (_, bar) => {
    let highest = 0;
    for (let at = bar * part; at < Math.min(samples.length, (bar + 1) * part); at++) {
      const sample = samples[at] ?? 0;
      highest = Math.max(highest, Math.abs(sample));
      sum += sample * sample;
    }
    return Math.round(highest * 1000) / 1000;
  });
  const mean = sum / Math.max(1, samples.length);
  return { bars, loudness: 10 * Math.log10(Math.max(mean, 1e-9)) };
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("peaks");
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error("no database"));
  });
}

function request<T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  work: (all: IDBObjectStore) => IDBRequest,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const asked = work(database.transaction("peaks", mode).objectStore("peaks"));
    asked.onsuccess = () => resolve(asked.result as T);
    asked.onerror = () => reject(asked.error ?? new Error("the database refused"));
  });
}
