import { effect, signal } from "@preact/signals";
import { change, isUnreachable } from "./api.ts";
import { audioUrl, coverUrl, titleOf, type ListedSong } from "./song.ts";
import { library } from "./library.ts";
import { current, moveTo, nextIndex, queue, setQueue } from "./queue.ts";
import { settings } from "./settings.ts";
import { toast } from "./toasts.ts";

/** What the player does now; seconds of the song that plays. */
export const isPlaying = signal(false);
export const seconds = signal(0);
export const duration = signal(0);
/** How far the song is loaded. */
export const loaded = signal(0);
/** True while the next bytes do not come. */
export const isWaiting = signal(false);

const AHEAD_SECONDS = 30;
const RETRY_MS = 3000;

/** Two elements: while one plays the other loads the next song, so that it begins at once, on a locked phone too. */
const elements = [makeElement(), makeElement()] as const;
let active = 0;
let heardId = "";

const element = () => elements[active]!;
const other = () => elements[1 - active]!;

/** Plays a list from one of its songs on. */
export function play(clips: ListedSong[], at: number): void {
  setQueue(clips, at);
  begin(0);
}

/** Plays the library's list from one of its songs on, as far as it is here. */
export function playFrom(index: number): void {
  const { clips } = library.value;
  const songs: ListedSong[] = [];
  for (let at = index; clips.has(at); at++) {
    const clip = clips.get(at)!;
    if (clip.audioPath !== null) songs.push(clip);
  }
  play(songs, 0);
}

/** Plays a list from one of its songs on, without those that have no audio here. */
export function playFromList(clips: ListedSong[], at: number): void {
  const has = ({ audioPath }: ListedSong) => audioPath !== null;
  play(clips.filter(has), clips.slice(0, at).filter(has).length);
}

export function playIndex(index: number): void {
  moveTo(index);
  begin(0);
}

export function toggle(): void {
  if (!current.value) return;
  if (!element().src) begin(queue.value.seconds);
  else if (element().error && isPlaying.value) [isPlaying.value, isWaiting.value] = [false, false];
  else if (element().error) begin(seconds.value);
  else if (element().paused) void start();
  else element().pause();
}

export function pause(): void {
  element().pause();
}

export function seek(to: number): void {
  if (!element().src) begin(to);
  element().currentTime = Math.max(0, Math.min(to, element().duration || to));
  seconds.value = element().currentTime;
}

export function next(isAsked = true): void {
  const index = nextIndex(isAsked);
  if (index === undefined) return isAsked ? undefined : element().pause();
  const isLoaded = other().dataset["id"] === queue.value.clips[index]?.id && !other().error;
  moveTo(index);
  if (!isLoaded) return begin(0);
  element().pause();
  active = 1 - active;
  element().currentTime = 0;
  void start();
}

/** Back to the beginning of the song, and from there to the one before. */
export function previous(): void {
  if (seconds.value > 4 || queue.value.at <= 0) return seek(0);
  playIndex(queue.value.at - 1);
}

function begin(from: number): void {
  const clip = current.value;
  if (!clip) return;
  load(element(), clip);
  seconds.value = from;
  duration.value = clip.durationSeconds ?? 0;
  if (from > 0) element().addEventListener("loadedmetadata", () => (element().currentTime = from), { once: true });
  void start();
}

function load(into: HTMLAudioElement, { id }: ListedSong): void {
  if (into.dataset["id"] === id && !into.error) return;
  into.dataset["id"] = id;
  into.src = audioUrl(id);
}

async function start(): Promise<void> {
  other().pause();
  element().volume = settings.value.volume;
  // Loading another song ends this one with an AbortError, which is no failure.
  await element()
    .play()
    .catch((error: Error) => {
      if (error.name === "NotAllowedError") toast("the browser wants a click before it plays");
    });
}

function makeElement(): HTMLAudioElement {
  const audio = document.createElement("audio");
  audio.preload = "auto";
  audio.hidden = true;
  const isActive = () => audio === element();
  const listen = (name: string, work: () => void) => audio.addEventListener(name, () => isActive() && work());
  listen("play", () => (isPlaying.value = true));
  // A song whose bytes do not come is not one that a person has paused.
  listen("pause", () => audio.error === null && (isPlaying.value = false));
  listen("playing", () => ([isWaiting.value, tries] = [false, 0]));
  listen("waiting", () => (isWaiting.value = true));
  listen("timeupdate", () => onTime(audio));
  listen("progress", () => onProgress(audio));
  listen("durationchange", () => Number.isFinite(audio.duration) && (duration.value = audio.duration));
  listen("ended", () => next(false));
  listen("error", () => onError(audio));
  addEventListener("DOMContentLoaded", () => document.body.append(audio), { once: true });
  if (document.body) document.body.append(audio);
  return audio;
}

function onTime(audio: HTMLAudioElement): void {
  seconds.value = audio.currentTime;
  const clip = current.value;
  if (!clip || !audio.duration) return;
  if (audio.duration - audio.currentTime < AHEAD_SECONDS) loadNext();
  if (audio.currentTime > audio.duration / 2 && heardId !== `${queue.value.at} ${clip.id}`) {
    heardId = `${queue.value.at} ${clip.id}`;
    void change("POST", `/api/clips/${clip.id}/plays`).catch(() => {});
  }
}

function loadNext(): void {
  const index = nextIndex(false);
  const clip = index === undefined ? undefined : queue.value.clips[index];
  if (clip && clip.id !== element().dataset["id"]) load(other(), clip);
}

function onProgress({ buffered }: HTMLAudioElement): void {
  loaded.value = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
}

/**
 * Whether the service was lost or has no such song looks the same to an audio element: it is asked. A lost one is waited
 * for, and the song goes on from where it was; a song that is not there is left.
 */
function onError(audio: HTMLAudioElement): void {
  const clip = current.value;
  if (!clip || audio.dataset["id"] !== clip.id) return;
  const at = seconds.value;
  const isStill = () => current.value?.id === clip.id && element() === audio;
  isWaiting.value = true;
  const tryAgain = () => {
    if (!isStill() || !isPlaying.value) return;
    audio.dataset["id"] = "";
    begin(at);
  };
  void fetch(audioUrl(clip.id), { method: "HEAD" }).then(
    ({ ok, status }) => {
      if (!isStill()) return;
      if (ok && tries++ < 2) return tryAgain();
      tries = 0;
      if (status >= 500 || status === 401) return void setTimeout(tryAgain, RETRY_MS);
      leave(clip);
    },
    () => {
      isUnreachable.value = true;
      setTimeout(() => isStill() && onError(audio), RETRY_MS);
    },
  );
}

let tries = 0;

function leave(clip: ListedSong): void {
  isWaiting.value = false;
  toast(`${titleOf(clip)} cannot be played: its audio is not here`);
  const index = nextIndex(true);
  if (index !== undefined && index !== queue.value.at) next();
  else isPlaying.value = false;
}

effect(() => {
  const { volume } = settings.value;
  for (const audio of elements) audio.volume = volume;
});

/** Keys and lock screens of the system. */
effect(() => {
  const clip = current.value;
  if (!("mediaSession" in navigator) || !clip) return;
  navigator.mediaSession.metadata = new MediaMetadata({
    title: titleOf(clip),
    artist: clip.model ?? "Producer",
    artwork: [{ src: coverUrl(clip.id, 300), sizes: "300x300", type: "image/jpeg" }],
  });
});
effect(() => {
  if ("mediaSession" in navigator) navigator.mediaSession.playbackState = isPlaying.value ? "playing" : "paused";
});
if ("mediaSession" in navigator) {
  const handlers: [MediaSessionAction, MediaSessionActionHandler][] = [
    ["play", toggle],
    ["pause", pause],
    ["nexttrack", () => next()],
    ["previoustrack", previous],
    ["seekto", ({ seekTime }) => seekTime !== undefined && seek(seekTime)],
    ["seekbackward", () => seek(seconds.value - 10)],
    ["seekforward", () => seek(seconds.value + 10)],
  ];
  for (const [action, handler] of handlers) navigator.mediaSession.setActionHandler(action, handler);
}

/** The position in the song outlives a reload. */
setInterval(() => {
  if (isPlaying.value) queue.value = { ...queue.value, seconds: seconds.value };
}, 5000);
addEventListener("pagehide", () => (queue.value = { ...queue.value, seconds: seconds.value }));
seconds.value = queue.value.seconds;
duration.value = current.value?.durationSeconds ?? 0;
