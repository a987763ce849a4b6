import { randomOf } from "../test/stand-in/random.ts";

/** Texts as long as people's are: titles of 1 to 6 words, lyrics of 60 to 330, words as uneven as a language's. */
export type Texts = { title(): string; lyric(): string; prompt(): string };

const VOCABULARY = 30_000;
/** One song in so many is Chinese or Japanese. */
const CJK_EVERY = 12;
const SYLLABLES =
  "ba be bi bo da de di do fa fe ga go ha hi ka ke ki ko la le li lo ma me mi mo na ne ni no ra re".split(" ");
const CJK = [..."風雨月光夜明海山花春夏秋冬星空雪心夢愛時道川森朝日音歌声街灯火水木金土あいうえおかきくけこさしすせそ"];
const STYLES = ["folk", "synth pop", "lo-fi", "techno", "strings", "dub", "choir", "swing", "ambient", "punk"];

/** The same seed, the same texts in the same order. */
export function textsOf(seed: number): Texts {
  const random = randomOf(seed);
  const words = Array.from({ length: VOCABULARY }, (_, rank) => wordOf(rank));
  // Rank goes with the cube of an even number: a few words make half of every text, most are rare.
  const word = () => words[Math.floor(VOCABULARY * random() ** 3)] ?? "";
  const sign = () => CJK[Math.floor(CJK.length * random() ** 2)] ?? "";
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const line = (isCjk: boolean, length: number) => Array.from({ length }, isCjk ? sign : word).join(isCjk ? "" : " ");
  let songs = 0;
  const isCjk = () => songs % CJK_EVERY === 0;
  return {
    title() {
      songs++;
      return line(isCjk(), between(1, 6));
    },
    lyric() {
      const part = (name: string) =>
        [`[${name}]`, ...Array.from({ length: between(3, 8) }, () => line(isCjk(), between(5, 10)))].join("\n");
      return Array.from({ length: between(3, 6) }, (_, at) => part(at % 2 === 0 ? "Verse" : "Chorus")).join("\n\n");
    },
    prompt: () => `${STYLES[between(0, STYLES.length - 1)]}, ${word()} ${word()}, ${between(60, 180)} bpm`,
  };
}

/** Each rank has a word of its own, the frequent ones short. */
function wordOf(rank: number): string {
  let word = "";
  for (let rest = rank + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length))
    word += SYLLABLES[rest % SYLLABLES.length];
  return word;
}
