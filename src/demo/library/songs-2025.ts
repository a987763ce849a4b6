import type { Song } from "./song.ts";

/** Words and titles of our own (CC0), October to December 2025. */
export const SONGS_2025: Song[] = [
  {
    key: "kettle",
    at: "2025-10-03T07:41:12.481Z",
    title: "Up Before the Kettle",
    model: "FUZZ-0.8",
    prompt: "warm indie folk, fingerpicked guitar, brushed drums",
    sound: "close voice, small room, soft tape hiss",
    lyric: `[Verse]
I was up before the kettle, up before the street
Counting all the floorboards with the cold beneath my feet
The radio said nothing in a very gentle way
And I wrote your name in flour on the counter of the day

[Chorus]
Oh, it’s only morning, it’s only half past five
But something in the kitchen says we’re glad to be alive
Oh, it’s only morning, let the water find its sound
I was up before the kettle and the world came round`,
  },
  {
    key: "boats",
    at: "2025-10-09T19:02:55.120Z",
    title: "Paper Boats on Canal Street",
    model: "FUZZ-1.0",
    prompt: "chamber pop, cello, light waltz",
    lyric: `[Verse]
We folded all the letters that we never meant to send
And set them on the water where the railings make a bend
[Chorus]
Paper boats, paper boats, carry what you can
One for every promise and one without a plan
[Bridge]
If the rain should read them, let it read them slow
[Outro]
Paper boats, paper boats, let them go`,
  },
  {
    key: "bus",
    at: "2025-10-17T23:48:03.007Z",
    title: "Night Bus Number Nine",
    model: "FUZZ-1.0 Pro",
    prompt: "downtempo electronica, rhodes, late night, 84 bpm",
    lyric: `[Verse]
Number nine is empty but for me and someone’s coat
The driver hums a melody that no one ever wrote
[Chorus]
Take the long way, take the long way home
Every window holds a city of its own`,
  },
  {
    key: "train-zh",
    at: "2025-10-26T14:20:31.666Z",
    title: "夜行列车",
    model: "FUZZ-1.1",
    prompt: "中文抒情流行，钢琴，弦乐",
    lyric: `[Verse]
窗外的灯一盏一盏往后退
我把没说的话折成一张车票
[Chorus]
夜行列车，带我穿过雨
穿过没有名字的小站和你
天亮以前，请不要叫醒我
让这首歌替我把路走完`,
  },
  {
    key: "salt",
    at: "2025-11-02T10:11:09.934Z",
    title: "Salt and Static",
    model: "FUZZ-1.1 Pro",
    prompt: "shoegaze, wall of guitars, dreamy female vocal",
    lyric: `[Verse]
There’s a station past the harbour where the signal turns to foam
You were talking through the static like the sea was on the phone
[Chorus]
Salt and static, salt and static in my hair
I can hear you, I can hear you, are you there?`,
  },
  {
    key: "cafe",
    at: "2025-11-08T16:35:44.250Z",
    title: "Café de la Gare",
    model: "FUZZ-1.0",
    prompt: "chanson française, accordéon, voix feutrée",
    lyric: `[Couplet]
Au café de la gare, l’été n’est pas passé
Il reste sur la nappe un peu de thé glacé
[Refrain]
Reviens par où tu veux, le train sait où je suis
Les mêmes tasses bleues, la même fin de pluie`,
  },
  {
    key: "instrumental",
    at: "2025-11-15T08:00:00.500Z",
    title: "Untitled",
    model: "FUZZ-1.1",
    prompt: "solo piano, slow, winter light, no vocals",
    lyric: "",
    request: { instrumental: true, custom: false },
  },
  {
    key: "rain-ja",
    at: "2025-11-23T11:27:18.043Z",
    title: "雨の駅",
    model: "FUZZ-2.0",
    prompt: "シティポップ、雨の夜、エレピ",
    lyric: `[Verse]
傘を忘れた駅のホームで
知らない歌を口ずさむ
[Chorus]
雨よ まだやまないで
あの電車が来るまでは
君の声を覚えていたい
ネオンがにじむ この街で`,
  },
  {
    key: "sunlight",
    at: "2025-12-01T18:35:45.524Z",
    title: "A Line of Light Across the Floor",
    model: "FUZZ-2.0 Pro",
    prompt: "uplifting indie pop, handclaps, bright guitars",
    saysSuccess: true,
    lyric: `[Verse]
There’s a line of light across the floor, it wasn’t there before
It’s reaching for the bottom of the wardrobe and the door
[Pre-Chorus]
And I don’t know, I don’t know what it’s for
[Chorus]
But I’ll follow it, follow it, “why not?” you said
Follow it out of the covers and out of my head`,
  },
  {
    key: "groesser",
    at: "2025-12-12T21:09:30.871Z",
    title: "Größer als der Regen",
    model: "FUZZ-2.0 Raw",
    prompt: "deutscher Indie-Rock, treibend, rau",
    lyric: `[Strophe]
Der Himmel hängt heut tiefer als die Wäsche überm Hof
Wir tanzen durch die Pfützen und die Nachbarn finden’s doof
[Refrain]
Größer als der Regen, größer als das Grau
Wir haben keine Schirme, doch wir wissen es genau`,
  },
  {
    key: "neon",
    at: "2025-12-22T22:22:22.222Z",
    title: "Neon 🌃 Harbour",
    model: "FUZZ-2.0",
    prompt: "synthwave, neon city, 104 bpm, driving bass 🎹",
    lyric: `[Intro]
(ooh, ooh)
[Verse]
Cranes like sleeping animals, containers red and blue
Every light is somebody who’s working late like you 💡
[Chorus]
Neon harbour, write it on the tide
All the ships are singing on the other side 🎵`,
  },
];
