import { afterEach, beforeEach, expect, it } from "vitest";
import { createAssetWriter } from "../../../src/archive/assets.ts";
import { markRemoved } from "../../../src/archive/removals.ts";
import { changeMarks } from "../../../src/archive/marks/marks.ts";
import { createPlaylist } from "../../../src/archive/marks/playlists.ts";
import { changeTags } from "../../../src/archive/tags.ts";
import { track, untrack } from "../../../src/archive/tracking.ts";
import { checkWholeDatabase } from "../../../src/verify/database/check-database.ts";
import { NOW, saveAll } from "../../archive/saving.ts";
import { temporaryArchive, type TemporaryArchive } from "../../helpers/temporary-archive.ts";

const TASK = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const LEFT = "3a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const CLIP = "2a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const GONE = "4a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const SONG = `song "Neon" ${CLIP}`;
const THE_TASK = `task ${TASK} ("Neon", "Rain")`;
const FACTS = {
  path: `2a/${CLIP}.m4a`,
  bytes: 5,
  sha256: "ab",
  contentType: "audio/mp4",
  etag: null,
  lastModified: null,
  durationSeconds: 3,
  proof: "boxes",
  note: null,
  httpStatus: 200,
};
const signal = new AbortController().signal;

let archive: TemporaryArchive;
beforeEach(() => {
  archive = temporaryArchive();
  const song = (id: string, title: string) => ({ id, title, state: "succeeded", audio_url: `https://a.example/${id}` });
  const data = [song(CLIP, "Neon"), song(GONE, "Rain")];
  saveAll(archive, [{ id: TASK, type: "audios", finished_at: 2, request: {}, response: { success: true, data } }]);
  createAssetWriter(archive.db, archive.journal).markStored(
    { id: 1, taskId: TASK, clipId: CLIP, kind: "audio" },
    FACTS,
    NOW,
  );
  changeTags(archive, [CLIP], { added: ["calm"], removed: [] }, NOW);
  changeMarks(archive, [CLIP], { rating: 4 }, NOW);
  createPlaylist(archive, { name: "Night", clipIds: [CLIP, CLIP] }, NOW);
  track(archive, [LEFT], { source: "test", now: NOW, explicit: true });
  untrack(archive, [LEFT], NOW);
  markRemoved(archive, [GONE], NOW);
});
afterEach(() => archive[Symbol.dispose]());

async function problemsAfter(statement: string): Promise<string[]> {
  const { db, home } = archive;
  db.$client.pragma("foreign_keys = off");
  db.$client.exec(statement);
  return (await checkWholeDatabase({ db, home, signal }, true)).map(({ text }) => text);
}

it.each<[string, string]>([
  [
    "update clips set title = 'Neon II' where id like '2a%'",
    `song "Neon II" ${CLIP}: it differs from its journal in title`,
  ],
  [
    "update clips set lyric = 'x', duration_seconds = 1 where id like '2a%'",
    `${SONG}: it differs from its journal in lyric, duration_seconds`,
  ],
  ["update clips set removed_at = null", `song "Rain" ${GONE}: it differs from its journal in removed_at`],
  ["update tasks set state = 'failed'", `${THE_TASK}: it differs from its journal in state`],
  ["update tasks set first_seen_at = 5", `${THE_TASK}: it differs from its journal in first_seen_at`],
  [
    "update tracked_tasks set untracked_at = null",
    `task ${LEFT}: its tracking differs from its journal in untracked_at`,
  ],
  [
    "update tracked_tasks set source = 'x' where task_id like '1a%'",
    `${THE_TASK}: its tracking differs from its journal in source`,
  ],
  [
    "delete from tracked_tasks where task_id like '3a%'",
    `task ${LEFT}: its tracking is in the journal, but not in the database`,
  ],
  [
    "insert into tracked_tasks (task_id, source, added_at) values ('x', 'x', 1)",
    "task x: its tracking is in the database, but not in its journal",
  ],
  ["update task_documents set document = '{}'", `${THE_TASK}: version 1 of its record does not match its sha256`],
  [
    "update task_documents set kind = 'result'",
    `${THE_TASK}: version 1 of its record differs from its journal in kind`,
  ],
  ["delete from task_documents", `${THE_TASK}: version 1 of its record is in the journal, but not in the database`],
  [
    "update task_clips set clip_id = '4a6ac2ad-10f2-4e2b-b500-66ec27fe82ad' where position = 0",
    "its song at position 0 differs from its journal in clip_id",
  ],
  ["delete from task_clips where position = 1", "its song at position 1 is in the journal, but not in the database"],
  ["update assets set sha256 = 'cd' where id = 1", `${SONG}: its audio differs from its journal in sha256`],
  ["update assets set url = 'https://b.example/' where id = 1", `${SONG}: its audio differs from its journal in url`],
  ["update assets set path = '2a/other.m4a' where id = 1", `${SONG}: its audio differs from its journal in path`],
  ["delete from assets where id = 1", `${SONG}: its audio is in the journal, but not in the database`],
  ["delete from clip_tags", `${SONG}: its tag "calm" is in the journal, but not in the database`],
  ["update clip_tags set added_at = 1", `${SONG}: its tag "calm" differs from its journal in added_at`],
  [
    "insert into clip_tags values ('2a6ac2ad-10f2-4e2b-b500-66ec27fe82ad', 'loud', 1)",
    `${SONG}: its tag "loud" is in the database, but not in its journal`,
  ],
  ["update clip_marks set plays = 1", `${SONG}: its row of marks differs from its journal in plays`],
  ["delete from clip_marks", `${SONG}: its row of marks is in the journal, but not in the database`],
  ["update playlists set comment = 'x'", 'playlist "Night": it differs from its journal in comment'],
  ["delete from playlist_clips where position = 1", 'playlist "Night": its song at position 1 is in the journal'],
  [
    "delete from playlists; delete from playlist_clips",
    'playlist "Night": it is in the journal, but not in the database',
  ],
  [
    "update archive_info set value = 'demo' where key = 'kind'",
    "the archive: its kind differs from its journal in value",
  ],
])("names the song or task: %s", async (statement, text) => {
  const problems = await problemsAfter(statement);
  expect(problems.join("\n")).toContain(text);
});

it("a song that is lost whole is one line", async () => {
  const rows = [
    "delete from clip_tags",
    "delete from clip_marks",
    "delete from assets where id = 1",
    "delete from clips where id like '2a%'",
  ];
  const problems = await problemsAfter(rows.join(";"));
  expect(problems.filter((text) => text.startsWith(SONG))).toEqual([
    `${SONG}: it is in the journal, but not in the database; its audio is in the journal, but not in the database; its tag "calm" is in the journal, but not in the database; its row of marks is in the journal, but not in the database`,
  ]);
});

it.each([
  "update tracked_tasks set attempts = 9, not_seen = 2, missing_since = 1, last_checked_at = 1, next_check_at = 1, last_error = 'x'",
  "update tracked_tasks set state = 'missing' where state = 'pending'",
  "update assets set attempts = 9, misses = 1, first_miss_at = 1, next_attempt_at = 1, http_status = 500, last_error = 'x', verified_at = 1",
  "update assets set state = 'wanted' where id = 1",
  "insert into copies values ('ab', '/backups', 1)",
])("what is bookkeeping is no difference: %s", async (statement) => {
  expect(await problemsAfter(statement)).toEqual([]);
});
