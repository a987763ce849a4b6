import type { Song } from "./song.ts";

/** Words and titles of our own (CC0), January to November 2026. */
export const SONGS_2026: Song[] = [
  {
    key: "manana",
    at: "2026-01-06T12:05:50.318Z",
    title: "Mañana otra vez",
    model: "FUZZ-2.0",
    prompt: "bossa nova en español, guitarra de nylon, susurrado",
    lyric: `[Estrofa]
El patio guarda el eco de un zapato y un balón
La abuela riega el tiempo en su maceta del balcón
[Estribillo]
Mañana otra vez, mañana otra vez
El sol en la pared y el mundo del revés`,
  },
  {
    key: "maps",
    at: "2026-01-19T09:33:27.705Z",
    title: "Maps of the Kitchen Floor",
    model: "FUZZ-2.0 Pro",
    prompt: "bedroom pop, drum machine, soft male vocal",
    lyric: `[Verse]
I know the creaking border and the river by the sink
The continent of morning where we sit and never think
[Chorus]
I’ve got maps of the kitchen floor
I could find you in the dark by the light below the door`,
  },
  {
    key: "machine",
    at: "2026-02-03T03:14:15.926Z",
    title: "=SUM(my heart)",
    model: "FUZZ-2.0 Raw",
    prompt: "hyperpop, glitch, pitched vocals, 160 bpm",
    lyric: `[Verse]
I put you in a column and I dragged it to the end
The cell turned into hashes, so I called it just a friend
[Chorus]
Error, error, divide by zero
Every little formula wants to be a hero`,
  },
  {
    key: "lullaby",
    at: "2026-02-20T20:40:01.112Z",
    title: "Lullaby for a Router",
    model: "FUZZ-1.1 Pro",
    prompt: "music box, lullaby, very quiet",
    lyric: `[Verse]
Hush now, little router, let your green lights fade to one
All the packets are in bed and all the downloads done
[Chorus]
Sleep, sleep, no one has to know
If a message wants to find us, let it travel slow`,
  },
  {
    key: "bicycle",
    at: "2026-03-14T15:09:26.535Z",
    title: "Bicycle Weather",
    model: "FUZZ-2.0 Pro",
    prompt: "60s pop, tambourine, harmonies, sunny",
    saysSuccess: true,
    lyric: `[Verse]
The puddles are retiring and the wind is at our back
There’s a bell on every handlebar from here to Cutter’s Track
[Chorus]
Bicycle weather, bicycle weather
Nobody’s faster than nobody together`,
  },
  {
    key: "lighthouse",
    at: "2026-04-08T05:51:38.420Z",
    title: "The Lighthouse Keeper’s Radio",
    model: "FUZZ-2.0",
    prompt: "sea shanty meets ambient, low choir",
    lyric: `[Verse]
Forty years of weather and a wireless for a wife
She told him all the cricket and the news of other life
[Chorus]
Turn, turn, turn the light around
If there’s no one out there, love, at least we made a sound`,
  },
  {
    key: "moon-zh",
    at: "2026-05-17T13:00:12.090Z",
    title: "月亮忘了带伞 ☔",
    model: "FUZZ-2.0 Pro",
    prompt: "国风电子，古筝，女声",
    lyric: `[主歌]
月亮忘了带伞，躲进我的茶杯
一圈一圈的光，是谁在轻轻吹
[副歌]
你别笑，雨会停
故事总要留一点给天明`,
  },
  {
    key: "gravity",
    at: "2026-06-21T17:45:33.333Z",
    title: "Gravity Owes Me a Dance",
    model: "FUZZ-2.0 Pro",
    prompt: "disco funk, slap bass, strings, 118 bpm",
    lyric: `[Verse]
I have fallen off of ladders, I have fallen out of bed
I have fallen for the smallest thing that anybody said
[Chorus]
Gravity owes me, gravity owes me a dance
Lift me up a little, honey, give the floor a chance`,
  },
  {
    key: "ferry",
    at: "2026-08-02T06:18:47.761Z",
    title: "Last Ferry, First Light",
    model: "FUZZ-2.0",
    prompt: "post-rock, slow build, spoken word",
    saysSuccess: true,
    lyric: `[Spoken]
The last ferry is also the first one, if you stay on it.
[Verse]
They fold the chairs like letters and they sweep the night ashore
[Chorus]
First light, first light, over and over, once more`,
  },
  {
    key: "orchard",
    at: "2026-09-13T10:30:05.604Z",
    title: "An Orchard in the Lift",
    model: "FUZZ-2.0 Raw",
    prompt: "art pop, clarinet, odd meter",
    lyric: `[Verse]
Someone left a sapling on the way to floor eleven
By the time we reached the lobby there were apples, six or seven
[Chorus]
Going up, going up, mind the branches, hold the door`,
  },
  {
    key: "snow",
    at: "2026-11-10T19:12:58.275Z",
    title: "First Snow on the Satellite Dish",
    model: "FUZZ-2.0 Pro",
    prompt: "dream pop, sleigh bells far away, slow",
    lyric: `[Verse]
First snow on the satellite dish and all the channels turn to white
We watched the weather from inside the weather half the night
[Chorus]
Don’t fix it, don’t fix it, let the picture disappear
I’ve never had a better signal than the quiet over here`,
  },
];
