/** Written by tools/make-demo-media.ts: the songs of media/ with their seconds, as the API writes them. */
export const SONG_FILES = [
  { file: "song-01.m4a", duration: "4.363628117913832" },
  { file: "song-02.m4a", duration: "3.9430385487528343" },
  { file: "song-03.m4a", duration: "3.770612244897959" },
  { file: "song-04.m4a", duration: "3.157891156462585" },
  { file: "song-05.m4a", duration: "4.294920634920635" },
  { file: "song-06.m4a", duration: "3.5608390022675738" },
  { file: "song-07.m4a", duration: "3.532380952380952" },
  { file: "song-08.m4a", duration: "3.5842403628117916" },
  { file: "song-09.m4a", duration: "4.8224943310657595" },
  { file: "song-10.m4a", duration: "3.789478458049887" },
  { file: "song-11.m4a", duration: "3.973514739229025" },
  { file: "song-12.m4a", duration: "2.4759183673469387" },
] as const;

/** As many covers as songs, `cover-01.jpg` onwards. */
export const COVER_COUNT = 12;
