export type SongPart = "melody" | "bass" | "chords";

/** A short song: degrees of a scale over a line of chords, half a beat a note. */
export type SongPlan = {
  /** MIDI number of the tonic. */
  tonic: number;
  minor: boolean;
  bpm: number;
  beats: number;
  /** Scale degrees, 0 = tonic, null = rest; repeated until the beats are full. */
  melody: (number | null)[];
  /** Degrees of the roots, two beats each. */
  chords: number[];
  /** Strength of each overtone of the voice. */
  voice: number[];
  only?: SongPart;
};

const SOFT = [1, 0.3, 0.1];
const REED = [1, 0.1, 0.5, 0.05, 0.25];
const BELL = [1, 0, 0, 0.4, 0, 0, 0.2];

export const SONGS: SongPlan[] = [
  { tonic: 60, minor: false, bpm: 110, beats: 8, melody: [4, 4, 5, 7, 5, 4, 2, 0], chords: [0, 3, 4, 0], voice: SOFT },
  { tonic: 57, minor: true, bpm: 91.3, beats: 6, melody: [0, 2, 4, 2, 7, 4], chords: [0, 5, 4], voice: REED },
  {
    tonic: 62,
    minor: false,
    bpm: 127.3,
    beats: 8,
    melody: [0, null, 2, 4, null, 4, 5, 7],
    chords: [0, 4, 5, 3],
    voice: BELL,
  },
  { tonic: 55, minor: false, bpm: 76, beats: 4, melody: [7, 5, 4, 2], chords: [0, 4], voice: SOFT },
  { tonic: 64, minor: true, bpm: 139.7, beats: 10, melody: [0, 0, 7, 7, 5, 4, 2], chords: [0, 2, 5, 4], voice: REED },
  { tonic: 59, minor: true, bpm: 101.1, beats: 6, melody: [4, 3, 2, null, 0, -1], chords: [5, 4, 0], voice: BELL },
  { tonic: 65, minor: false, bpm: 118.9, beats: 7, melody: [2, 4, 6, 7, 6, 4], chords: [0, 5, 1, 4], voice: SOFT },
  { tonic: 58, minor: false, bpm: 83.7, beats: 5, melody: [0, 4, 2, 5, 4, 7, 5], chords: [3, 0, 4], voice: REED },
  {
    tonic: 61,
    minor: true,
    bpm: 149.3,
    beats: 12,
    melody: [7, null, 7, 5, 4, null, 2, 0],
    chords: [0, 6, 5, 4],
    voice: BELL,
  },
  { tonic: 56, minor: true, bpm: 95, beats: 6, melody: [0, 1, 2, 4, 5, 4], chords: [0, 3, 0], voice: SOFT },
  {
    tonic: 63,
    minor: false,
    bpm: 105.7,
    beats: 7,
    melody: [9, 7, 5, 4, 2, null, 4],
    chords: [0, 5, 3, 4],
    voice: REED,
  },
  { tonic: 67, minor: false, bpm: 72.7, beats: 3, melody: [0, 2, 4, 7, 9, 7], chords: [0, 3], voice: BELL },
];

const MAJOR = [0, 2, 4, 5, 7, 9, 11];
const MINOR = [0, 2, 3, 5, 7, 8, 10];

/** Mono samples between -1 and 1. */
export function synthesise(plan: SongPlan, rate: number): Float64Array {
  const beat = 60 / plan.bpm;
  const samples = new Float64Array(Math.round(plan.beats * beat * rate));
  const wants = (part: SongPart): boolean => plan.only === undefined || plan.only === part;
  for (let half = 0; wants("melody") && half < plan.beats * 2; half += 1) {
    const degree = plan.melody[half % plan.melody.length] ?? null;
    if (degree !== null) play(samples, rate, plan, degree + 7, half * beat * 0.5, beat * 0.6, 0.34);
  }
  for (let pair = 0; pair < plan.beats / 2; pair += 1) {
    const root = plan.chords[pair % plan.chords.length] ?? 0;
    if (wants("bass")) play(samples, rate, plan, root - 7, pair * 2 * beat, beat * 1.9, 0.26);
    for (const third of wants("chords") ? [0, 2, 4] : [])
      play(samples, rate, plan, root + third, pair * 2 * beat, beat * 2, 0.09);
  }
  return samples;
}

function play(
  out: Float64Array,
  rate: number,
  plan: SongPlan,
  degree: number,
  at: number,
  seconds: number,
  gain: number,
) {
  const step = (2 * Math.PI * pitch(plan, degree)) / rate;
  const first = Math.round(at * rate);
  const count = Math.min(Math.round(seconds * rate), out.length - first);
  for (let index = 0; index < count; index += 1) {
    const time = index / rate;
    const envelope =
      Math.min(1, time / 0.015) * Math.exp((-2.5 * time) / seconds) * Math.min(1, (count - index) / (0.03 * rate));
    let value = 0;
    for (const [overtone, amount] of plan.voice.entries()) value += amount * Math.sin(step * (overtone + 1) * index);
    out[first + index] = (out[first + index] ?? 0) + value * envelope * gain;
  }
}

/** Hertz of a scale degree; degrees below 0 and above 6 are in the neighbouring octaves. */
function pitch(plan: SongPlan, degree: number): number {
  const scale = plan.minor ? MINOR : MAJOR;
  const semitone = plan.tonic + 12 * Math.floor(degree / 7) + (scale[((degree % 7) + 7) % 7] ?? 0);
  return 440 * 2 ** ((semitone - 69) / 12);
}
