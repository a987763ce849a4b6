import { signal } from "@preact/signals";
import { audioUrl } from "./song.ts";
import { pause } from "./player.ts";
import { peaksOf } from "./peaks.ts";

/** Two takes that play at one position, of which one is heard. */
export type Duel = {
  isReady: boolean;
  isPlaying: boolean;
  heard: "A" | "B";
  /** Seconds. */
  at: number;
  length: number;
  /** By how many dB each side is turned down, so that both are equally loud. */
  gains: { A: number; B: number };
  problem: string | null;
};

const IDLE: Duel = {
  isReady: false,
  isPlaying: false,
  heard: "A",
  at: 0,
  length: 0,
  gains: { A: 0, B: 0 },
  problem: null,
};
const FADE_SECONDS = 0.012;

export const duel = signal<Duel>(IDLE);

type Side = { buffer: AudioBuffer; gain: GainNode; source?: AudioBufferSourceNode };
let context: AudioContext | undefined;
let sides: { A: Side; B: Side } | undefined;
let startedAt = 0;
let opened = 0;

/** Loads two takes whole: only so does a switch fall on the very sample. */
export async function openDuel(a: string, b: string): Promise<void> {
  stopDuel();
  const turn = ++opened;
  duel.value = { ...IDLE, heard: duel.value.heard };
  context ??= new AudioContext();
  const here = context;
  try {
    const [A, B, peaksA, peaksB] = await Promise.all([load(here, a), load(here, b), peaksOf(a), peaksOf(b)]);
    if (turn !== opened) return;
    const [loudA, loudB] = [peaksA?.loudness ?? 0, peaksB?.loudness ?? 0];
    const quiet = Math.min(loudA, loudB);
    sides = { A, B };
    const gains = { A: Math.min(0, quiet - loudA), B: Math.min(0, quiet - loudB) };
    duel.value = { ...duel.value, isReady: true, length: Math.max(A.buffer.duration, B.buffer.duration), gains };
    hear(duel.value.heard, true);
  } catch (error) {
    if (turn === opened) duel.value = { ...duel.value, problem: (error as Error).message };
  }
}

async function load(here: AudioContext, id: string): Promise<Side> {
  const response = await fetch(audioUrl(id));
  if (!response.ok) throw new Error("its audio is not here");
  const buffer = await here.decodeAudioData(await response.arrayBuffer());
  const gain = here.createGain();
  gain.connect(here.destination);
  return { buffer, gain };
}

export function toggleDuel(): void {
  if (duel.value.isPlaying) stopDuel();
  else startDuel(duel.value.at >= duel.value.length - 0.05 ? 0 : duel.value.at);
}

/** Both sides run; the one that is not heard is silent. */
function startDuel(from: number): void {
  if (!context || !sides) return;
  pause();
  void context.resume();
  const when = context.currentTime + 0.02;
  for (const side of [sides.A, sides.B]) {
    side.source?.stop();
    const source = context.createBufferSource();
    source.buffer = side.buffer;
    source.connect(side.gain);
    source.start(when, Math.min(from, side.buffer.duration));
    side.source = source;
  }
  startedAt = when - from;
  duel.value = { ...duel.value, isPlaying: true };
  requestAnimationFrame(follow);
}

export function stopDuel(): void {
  for (const side of sides ? [sides.A, sides.B] : []) {
    side.source?.stop();
    delete side.source;
  }
  if (duel.value.isPlaying) duel.value = { ...duel.value, isPlaying: false };
}

export function closeDuel(): void {
  opened++;
  stopDuel();
  sides = undefined;
  duel.value = IDLE;
}

export function seekDuel(to: number): void {
  const at = Math.max(0, Math.min(to, duel.value.length));
  duel.value = { ...duel.value, at };
  if (duel.value.isPlaying) startDuel(at);
}

/** The other take goes on at the same position. A hundredth of a second of fade keeps the switch free of clicks. */
export function hear(side: "A" | "B", isSudden = false): void {
  duel.value = { ...duel.value, heard: side };
  if (!context || !sides) return;
  for (const name of ["A", "B"] as const) {
    const level = name === side ? 10 ** (duel.value.gains[name] / 20) : 0;
    const { gain } = sides[name].gain;
    gain.cancelScheduledValues(context.currentTime);
    if (isSudden) gain.value = level;
    else gain.setTargetAtTime(level, context.currentTime, FADE_SECONDS / 3);
  }
}

function follow(): void {
  if (!context || !duel.value.isPlaying) return;
  const at = Math.max(0, context.currentTime - startedAt);
  if (at >= duel.value.length) {
    stopDuel();
    duel.value = { ...duel.value, at: 0 };
    return;
  }
  duel.value = { ...duel.value, at };
  requestAnimationFrame(follow);
}
