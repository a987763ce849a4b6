import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/**
 * The one definition of every row. The tables are a public interface for any SQLite tool: columns are only ever added,
 * all of it parses in SQLite 3.40, times are integer milliseconds UTC. State words carry no CHECK on purpose.
 */

/** The archive's id and birth, one row a fact. */
export const archiveInfo = sqliteTable("archive_info", {
  /** What the value is: `archive_id` (a uuid), `created_at` (ISO 8601), `kind` (library, demo), and the archive's own bookkeeping. */
  key: text().primaryKey(),
  /** That, as text. */
  value: text().notNull(),
});

/** Ids that we were asked to mirror, whether or not the API has answered for them. */
export const trackedTasks = sqliteTable(
  "tracked_tasks",
  {
    /** The task's uuid. */
    taskId: text("task_id").primaryKey(),
    /** Of which API; `producer`. */
    service: text().notNull().default("producer"),
    /** Where the id was found: a file, or a command such as `discover`. */
    source: text().notNull(),
    /** When it was first asked for. */
    addedAt: integer("added_at").notNull(),
    /** When `untrack` stopped it; null while it is tracked. */
    untrackedAt: integer("untracked_at"),
    /** pending (also before the first answer), succeeded, partial, failed, missing. */
    state: text().notNull().default("pending"),
    /** Times that it was asked for. */
    attempts: integer().notNull().default(0),
    /** Runs in a row in which the API did not know it; 3 make it missing. */
    notSeen: integer("not_seen").notNull().default(0),
    /** Since when the API does not know it; a mirrored task keeps its state. */
    missingSince: integer("missing_since"),
    /** When it was last asked for. */
    lastCheckedAt: integer("last_checked_at"),
    /** When `watch` asks again; null when it need not. */
    nextCheckAt: integer("next_check_at"),
    /** What went wrong when it was asked for last, in words. */
    lastError: text("last_error"),
  },
  (table) => [
    index("tracked_tasks_open")
      .on(table.nextCheckAt)
      .where(sql`untracked_at is null and state in ('pending', 'missing')`),
    index("tracked_tasks_never_mirrored")
      .on(table.addedAt)
      .where(sql`untracked_at is null and attempts = 0`),
    /** Ids without an answer are among these: their order in the list of tasks. */
    index("tracked_tasks_unanswered")
      .on(table.addedAt, table.taskId)
      .where(sql`state in ('pending', 'missing')`),
    /** What `changes` asks for, here and in the other tables. */
    index("tracked_tasks_vanished")
      .on(table.missingSince)
      .where(sql`missing_since is not null`),
  ],
);

/** One record of the API, its columns taken from document `document_version`. */
export const tasks = sqliteTable(
  "tasks",
  {
    /** The task's uuid. */
    id: text().primaryKey(),
    /** Of which API; `producer`. */
    service: text().notNull().default("producer"),
    /** The record's id in the service's own database (`_id`). */
    objectId: text("object_id"),
    /** Which kind of task, in the API's word: `audios` for songs. */
    type: text(),
    /** What was asked: generate, cover, extend, variation, swap_vocals, stems and more, in the API's words. */
    action: text(),
    /** The model that was asked for. */
    model: text(),
    /** pending, succeeded, partial, failed: by the rules of record/state.ts. */
    state: text().notNull(),
    /** Which rule gave the state. */
    stateReason: text("state_reason"),
    /** What was asked for, in words. */
    prompt: text(),
    /** The words that were to be sung; of a lyrics task those that came. */
    lyric: text(),
    /** The title that was asked for. */
    title: text(),
    /** 1: without a voice. */
    instrumental: integer({ mode: "boolean" }),
    /** 1: by lyric and not by prompt. */
    custom: integer({ mode: "boolean" }),
    /** The clip that it was made from: covered, extended, varied. */
    referenceAudioId: text("reference_audio_id"),
    /** The other clip of a swap. */
    swapAudioId: text("swap_audio_id"),
    /** Seconds of the other clip at which an extension begins. */
    continueAt: real("continue_at"),
    /** Seconds at which the replaced section begins. */
    replaceSectionStart: real("replace_section_start"),
    /** Seconds at which it ends. */
    replaceSectionEnd: real("replace_section_end"),
    /** How closely the lyric is followed, 0 to 1. */
    lyricsStrength: real("lyrics_strength"),
    /** How closely the sound is followed, 0.2 to 1. */
    soundStrength: real("sound_strength"),
    /** How close a cover stays, 0.2 to 1. */
    coverStrength: real("cover_strength"),
    /** How odd it may be, 0 to 1. */
    weirdness: real(),
    /** The seed that was asked for, as text. */
    seed: text(),
    /** The style that was asked for. */
    style: text(),
    /** The style that was not wanted. */
    styleNegative: text("style_negative"),
    /** The voice that was asked for. */
    vocalGender: text("vocal_gender"),
    /** What the lyric was to be about. */
    lyricPrompt: text("lyric_prompt"),
    /** Where the service was to send the result; may hold a secret. */
    callbackUrl: text("callback_url"),
    /** When the task was made at the service. */
    createdAt: integer("created_at"),
    /** When work on it began there. */
    startedAt: integer("started_at"),
    /** When it ended there. */
    finishedAt: integer("finished_at"),
    /** Seconds that the service says it took; not the length of a song. */
    elapsedSeconds: real("elapsed_seconds"),
    /** Why it failed, in the API's word. */
    errorCode: text("error_code"),
    /** Why it failed, in the API's sentence. */
    errorMessage: text("error_message"),
    /** The endpoint that made it, by the service's id. */
    apiId: text("api_id"),
    /** The application that asked, by the service's id. */
    applicationId: text("application_id"),
    /** The key that asked, by the service's id; not the key itself. */
    credentialId: text("credential_id"),
    /** The account that asked, by the service's id. */
    userId: text("user_id"),
    /** What the service's support can find it by. */
    traceId: text("trace_id"),
    /** The version in `task_documents` that these columns come from. */
    documentVersion: integer("document_version").notNull(),
    /** When its record first came. */
    firstSeenAt: integer("first_seen_at").notNull(),
    /** When these columns last changed. */
    updatedAt: integer("updated_at").notNull(),
    /** The title as lists sort it: without case and accents. Made from `title`. */
    titleKey: text("title_key"),
  },
  (table) => [
    /** The order of lists, and what they are filtered by: long rows are read for those that are shown. */
    index("tasks_listed").on(
      table.createdAt,
      table.id,
      table.state,
      table.model,
      table.action,
      table.instrumental,
      table.titleKey,
    ),
    index("tasks_first_seen").on(table.firstSeenAt),
    index("tasks_updated").on(table.updatedAt),
    index("tasks_instrumental")
      .on(table.id)
      .where(sql`instrumental`),
    index("tasks_reference_audio")
      .on(table.referenceAudioId)
      .where(sql`reference_audio_id is not null`),
    index("tasks_swap_audio")
      .on(table.swapAudioId)
      .where(sql`swap_audio_id is not null`),
  ],
);

/** Every kept version of a record, as the exact characters received. */
export const taskDocuments = sqliteTable(
  "task_documents",
  {
    /** Whose record. */
    taskId: text("task_id")
      .notNull()
      .references(() => tasks.id),
    /** 1 for the first, counted up. */
    version: integer().notNull(),
    /** record, or result (the body of a synchronous answer or callback, which is poorer). */
    kind: text().notNull(),
    /** When it came. */
    fetchedAt: integer("fetched_at").notNull(),
    /** Lower-case hex of the sha256 of `document` in UTF-8. */
    sha256: text().notNull(),
    /** The record, character by character as it came. */
    document: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.version] })],
);

/** Usually one song. `rowid_key` is what the full-text index points at; it survives VACUUM. */
export const clips = sqliteTable(
  "clips",
  {
    /** A number that stays over VACUUM; `clips_fts.rowid` is this. */
    rowidKey: integer("rowid_key").primaryKey(),
    /** The clip's id: mostly a uuid; `<task id>_<position>` where the API gave none. */
    id: text().notNull(),
    /** The task that first brought it; never changed. */
    taskId: text("task_id")
      .notNull()
      .references(() => tasks.id),
    /** The song's title. */
    title: text(),
    /** The words as sung. */
    lyric: text(),
    /** The clip's own prompt, else the one its task was asked with. */
    prompt: text(),
    /** Its style, where the record says. */
    style: text(),
    /** How it sounds, in the service's words. */
    sound: text(),
    /** What it is about, where the record says. */
    topic: text(),
    /** The model that made it. */
    model: text(),
    /** The action of the task that first brought it. */
    action: text(),
    /** pending, succeeded, failed: in our words. */
    state: text().notNull(),
    /** As the record says, such as `100%`. */
    progress: text(),
    /** Seconds of music. */
    durationSeconds: real("duration_seconds"),
    /** The seed that it came of, as text: it has more digits than a number keeps. */
    seed: text(),
    /** The cover's id. */
    imageId: text("image_id"),
    /** When it was made at the service. */
    createdAt: integer("created_at"),
    /** Where its audio lay when the record came; `assets` says where it lies here. */
    audioUrl: text("audio_url"),
    /** The same of its cover. */
    imageUrl: text("image_url"),
    /** The same of its video. */
    videoUrl: text("video_url"),
    /** The same of its WAV. */
    wavUrl: text("wav_url"),
    /** The same of its stems, a ZIP. */
    stemsUrl: text("stems_url"),
    /** When it first came. */
    firstSeenAt: integer("first_seen_at").notNull(),
    /** When its columns last changed. */
    updatedAt: integer("updated_at").notNull(),
    /** When it was removed (`rm`): its files are in the trash and are not fetched again. */
    removedAt: integer("removed_at"),
    /** When its texts were blanked as well (`rm --purge`). */
    purgedAt: integer("purged_at"),
    /** The title as lists sort it: without case and accents. Made from `title`. */
    titleKey: text("title_key"),
  },
  (table) => [
    uniqueIndex("clips_id").on(table.id),
    index("clips_created").on(table.createdAt, table.rowidKey),
    /** Each list's own order, and what lists are filtered by: the newest come first within each. */
    index("clips_title_key").on(table.titleKey, table.createdAt, table.rowidKey),
    index("clips_duration").on(table.durationSeconds, table.createdAt, table.rowidKey),
    index("clips_model").on(table.model, table.createdAt, table.rowidKey),
    index("clips_action").on(table.action, table.createdAt, table.rowidKey),
    index("clips_state").on(table.state, table.createdAt, table.rowidKey),
    /** What figures are made of, read from here alone. */
    index("clips_figures").on(table.createdAt, table.durationSeconds, table.model, table.action, table.state),
    index("clips_first_seen").on(table.firstSeenAt),
    index("clips_seed")
      .on(table.seed)
      .where(sql`seed is not null`),
    index("clips_without_audio")
      .on(table.createdAt, table.rowidKey)
      .where(sql`audio_url is null`),
    index("clips_without_image")
      .on(table.createdAt, table.rowidKey)
      .where(sql`image_url is null`),
    index("clips_removed")
      .on(table.removedAt)
      .where(sql`removed_at is not null`),
  ],
);

/** Every appearance of a clip in a task. */
export const taskClips = sqliteTable(
  "task_clips",
  {
    /** The task that shows it. */
    taskId: text("task_id")
      .notNull()
      .references(() => tasks.id),
    /** Its position in the response, from 0. */
    position: integer().notNull(),
    /** The clip. */
    clipId: text("clip_id")
      .notNull()
      .references(() => clips.id),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.position] }), index("task_clips_clip").on(table.clipId)],
);

/** One file that a task or clip points at. */
export const assets = sqliteTable(
  "assets",
  {
    /** A number of its own. */
    id: integer().primaryKey(),
    /** The task whose record names it. */
    taskId: text("task_id")
      .notNull()
      .references(() => tasks.id),
    /** The clip that it belongs to; null for a file of the task as a whole. */
    clipId: text("clip_id").references(() => clips.id),
    /** audio, image, video, wav, stems. */
    kind: text().notNull(),
    /** Where it lies upstream, by the newest record. */
    url: text().notNull(),
    /** Relative to the assets folder, forward slashes; null until stored. */
    path: text(),
    /** wanted, stored, failed, gone. */
    state: text().notNull().default("wanted"),
    /** Its size. */
    bytes: integer(),
    /** Lower-case hex of the stored file's sha256. */
    sha256: text(),
    /** What the server called it. */
    contentType: text("content_type"),
    /** The server's validator, by which an interrupted download goes on. */
    etag: text(),
    /** The same, as a date. */
    lastModified: text("last_modified"),
    /** Seconds, as the file itself says. */
    durationSeconds: real("duration_seconds"),
    /** What proved the bytes when they were stored, such as `md5 length boxes`. */
    proof: text(),
    /** A remark that is no failure, such as a duration that differs from the record's. */
    note: text(),
    /** Times that its download was tried. */
    attempts: integer().notNull().default(0),
    /** Misses (403, 404, 410 also by a fresh URL) in a row; two at least a day apart make it gone. */
    misses: integer().notNull().default(0),
    /** When the first of them was. */
    firstMissAt: integer("first_miss_at"),
    /** When `watch` tries again; null when it need not. */
    nextAttemptAt: integer("next_attempt_at"),
    /** What the server answered last. */
    httpStatus: integer("http_status"),
    /** What went wrong last, in words. */
    lastError: text("last_error"),
    /** When its bytes were in place. */
    storedAt: integer("stored_at"),
    /** When its bytes were last compared with `sha256`. */
    verifiedAt: integer("verified_at"),
    /** When it was removed; such a file is not due, whatever its state. */
    removedAt: integer("removed_at"),
    /** Where it lies in the trash meanwhile, relative to `<home>/trash`, forward slashes. */
    trashPath: text("trash_path"),
  },
  (table) => [
    uniqueIndex("assets_clip_kind")
      .on(table.clipId, table.kind)
      .where(sql`clip_id is not null`),
    uniqueIndex("assets_task_kind")
      .on(table.taskId, table.kind)
      .where(sql`clip_id is null`),
    index("assets_task").on(table.taskId),
    index("assets_path")
      .on(table.path)
      .where(sql`path is not null`),
    index("assets_due")
      .on(table.kind, table.nextAttemptAt)
      .where(sql`state in ('wanted', 'failed')`),
    /** What status counts, without a look at the rows. */
    index("assets_standing").on(table.state, table.kind, table.bytes),
    index("assets_healed")
      .on(table.storedAt)
      .where(sql`attempts > 1`),
    index("assets_gone")
      .on(table.nextAttemptAt)
      .where(sql`state = 'gone'`),
  ],
);

/** One execution of sync, with its counts. */
export const syncRuns = sqliteTable("sync_runs", {
  /** Counted up; the number that `changes --since` takes. */
  id: integer().primaryKey({ autoIncrement: true }),
  /** manual, watch, demo. */
  trigger: text().notNull(),
  /** The process that ran it. */
  pid: integer().notNull(),
  /** The machine that it ran on. */
  host: text().notNull(),
  /** When it began. */
  startedAt: integer("started_at").notNull(),
  /** When it ended; null while it runs or when it was killed. */
  finishedAt: integer("finished_at"),
  /** complete, incomplete, interrupted, failed; null while it runs or when it was killed. */
  outcome: text(),
  /** What it ended with. */
  exitCode: integer("exit_code"),
  /** Why it ended early, in a word. */
  errorCode: text("error_code"),
  /** Why it ended early, in a sentence. */
  errorMessage: text("error_message"),
  /** Ids that were asked for. */
  tasksAsked: integer("tasks_asked").notNull().default(0),
  /** Records that came for the first time. */
  tasksNew: integer("tasks_new").notNull().default(0),
  /** Records that changed. */
  tasksUpdated: integer("tasks_updated").notNull().default(0),
  /** Records that did not. */
  tasksUnchanged: integer("tasks_unchanged").notNull().default(0),
  /** Asked ids that were still open afterwards. */
  tasksPending: integer("tasks_pending").notNull().default(0),
  /** Asked ids that have failed upstream. */
  tasksFailed: integer("tasks_failed").notNull().default(0),
  /** Asked ids that the API does not know. */
  tasksMissing: integer("tasks_missing").notNull().default(0),
  /** Clips that came for the first time. */
  clipsNew: integer("clips_new").notNull().default(0),
  /** Clips that changed. */
  clipsUpdated: integer("clips_updated").notNull().default(0),
  /** Files that were downloaded. */
  assetsStored: integer("assets_stored").notNull().default(0),
  /** Their bytes. */
  assetsBytes: integer("assets_bytes").notNull().default(0),
  /** Files that could not be downloaded. */
  assetsFailed: integer("assets_failed").notNull().default(0),
  /** Files that are gone upstream. */
  assetsGone: integer("assets_gone").notNull().default(0),
  /** Files of the asked tasks that were here before. */
  assetsAlreadyStored: integer("assets_already_stored").notNull().default(0),
  /** Requests to the API. */
  requests: integer().notNull().default(0),
});

/** The last time that files were compared with the archive: one row a verify. */
export const verifyRuns = sqliteTable("verify_runs", {
  /** Counted up. */
  id: integer().primaryKey({ autoIncrement: true }),
  /** quick or full. */
  mode: text().notNull(),
  /** When it began. */
  startedAt: integer("started_at").notNull(),
  /** When it ended. */
  finishedAt: integer("finished_at").notNull(),
  /** Files that were looked at. */
  checked: integer().notNull(),
  /** Files that are as they were stored. */
  ok: integer().notNull(),
  /** Files that are not there. */
  missing: integer().notNull(),
  /** Files whose size or digest differs. */
  corrupt: integer().notNull(),
  /** Files in the folder that no row names. */
  extra: integer().notNull(),
  /** Files that could not be read, which is not damage. */
  unreadable: integer().notNull().default(0),
  /** Files that were brought back. */
  repaired: integer().notNull().default(0),
});

/** Where else a stored file is: one row a digest and location, written by backups once the copy is read back. */
export const copies = sqliteTable(
  "copies",
  {
    /** Of which bytes. */
    sha256: text().notNull(),
    /** An absolute folder, `restic:<repository>` or `rclone:<remote>`; never a secret. */
    location: text().notNull(),
    /** When the copy was last read back. */
    verifiedAt: integer("verified_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.sha256, table.location] }), index("copies_location").on(table.location)],
);

/** One execution of backup, with its counts. */
export const backups = sqliteTable("backups", {
  /** Counted up. */
  id: integer().primaryKey({ autoIncrement: true }),
  /** As in `copies`. */
  location: text().notNull(),
  /** When it began. */
  startedAt: integer("started_at").notNull(),
  /** When it was verified and in place; null when it did not get there. */
  finishedAt: integer("finished_at"),
  /** complete, interrupted, failed; null while it runs or when it was killed. */
  outcome: text(),
  /** Why it did not get there. */
  errorMessage: text("error_message"),
  /** Clips in it. */
  clips: integer().notNull().default(0),
  /** Files in it. */
  files: integer().notNull().default(0),
  /** Their bytes. */
  bytes: integer().notNull().default(0),
});

/** A person's own words on their clips; sync knows nothing of them. */
export const clipTags = sqliteTable(
  "clip_tags",
  {
    /** The clip. */
    clipId: text("clip_id")
      .notNull()
      .references(() => clips.id),
    /** The word, as it was given. */
    tag: text().notNull(),
    /** When it was given. */
    addedAt: integer("added_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.clipId, table.tag] }), index("clip_tags_tag").on(table.tag)],
);

/** Stars, ratings and plays of clips: a person's own, as are their tags. A clip without any of these has no row. */
export const clipMarks = sqliteTable(
  "clip_marks",
  {
    /** The clip. */
    clipId: text("clip_id")
      .primaryKey()
      .references(() => clips.id),
    /** When it got its star; null without one. */
    starredAt: integer("starred_at"),
    /** 1 to 5; 0 without one. */
    rating: integer().notNull().default(0),
    /** How often it was played. */
    plays: integer().notNull().default(0),
    /** When it was played last. */
    lastPlayedAt: integer("last_played_at"),
  },
  (table) => [
    index("clip_marks_starred")
      .on(table.starredAt, table.clipId)
      .where(sql`starred_at is not null`),
    index("clip_marks_rating").on(table.rating, table.clipId),
    index("clip_marks_plays").on(table.plays, table.clipId),
    index("clip_marks_played").on(table.lastPlayedAt, table.clipId),
  ],
);

/** A person's own lists of songs. */
export const playlists = sqliteTable("playlists", {
  /** A uuid. */
  id: text().primaryKey(),
  /** Its name; no two playlists have the same, upper and lower case apart. */
  name: text().notNull(),
  /** What the person says of it; "" for nothing. */
  comment: text().notNull().default(""),
  /** When it was made. */
  createdAt: integer("created_at").notNull(),
  /** When it or its songs last changed: later with each change, so that a change in between shows. */
  changedAt: integer("changed_at").notNull(),
});

/** The songs of the playlists, in order; a clip may be in one twice. */
export const playlistClips = sqliteTable(
  "playlist_clips",
  {
    /** The playlist. */
    playlistId: text("playlist_id")
      .notNull()
      .references(() => playlists.id),
    /** From 0, without gaps. */
    position: integer().notNull(),
    /** The clip. It may be missing from `clips` after lines of the journal were lost: the order is kept all the same. */
    clipId: text("clip_id").notNull(),
    /** When it was added. */
    addedAt: integer("added_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.playlistId, table.position] }),
    index("playlist_clips_clip").on(table.clipId),
  ],
);

/** How much of each file of the journal the other tables hold: compared with the files whenever the archive is opened. */
export const journalFiles = sqliteTable("journal_files", {
  /** The file's name in `<home>/journal`, such as `2026-11.ndjson`. */
  name: text().primaryKey(),
  /** Bytes from its start that the tables hold; they end with a whole line. */
  bytes: integer().notNull(),
  /** Lines in these bytes. */
  lines: integer().notNull(),
  /** Lower-case hex of their running sha256: that of the digest so far and the next line, for each line; "" before the first. */
  digest: text().notNull(),
  /** The highest change number (`seq`) in these lines, 0 when none has one. */
  seq: integer().notNull(),
});

export type TaskRow = typeof tasks.$inferSelect;
export type NewTask = typeof tasks.$inferInsert;
export type ClipRow = typeof clips.$inferSelect;
export type NewClip = Omit<typeof clips.$inferInsert, "rowidKey">;
export type AssetRow = typeof assets.$inferSelect;
export type NewAsset = Pick<AssetRow, "taskId" | "clipId" | "kind" | "url">;
export type TrackedTaskRow = typeof trackedTasks.$inferSelect;
export type TaskDocumentRow = typeof taskDocuments.$inferSelect;
export type SyncRunRow = typeof syncRuns.$inferSelect;
export type VerifyRunRow = typeof verifyRuns.$inferSelect;
export type CopyRow = typeof copies.$inferSelect;
export type JournalFileRow = typeof journalFiles.$inferSelect;
export type ClipMarksRow = typeof clipMarks.$inferSelect;
export type PlaylistRow = typeof playlists.$inferSelect;
export type BackupRow = typeof backups.$inferSelect;
