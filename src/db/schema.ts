import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/**
 * The one definition of every row. The tables are a public interface for any SQLite tool: columns are only ever added,
 * all of it parses in SQLite 3.40, times are integer milliseconds UTC. State words carry no CHECK on purpose.
 */

/** The archive's id and birth, one row a fact. */
export const archiveInfo = sqliteTable("archive_info", {
  key: text().primaryKey(),
  value: text().notNull(),
});

/** Ids that we were asked to mirror, whether or not the API has answered for them. */
export const trackedTasks = sqliteTable(
  "tracked_tasks",
  {
    taskId: text("task_id").primaryKey(),
    service: text().notNull().default("producer"),
    source: text().notNull(),
    addedAt: integer("added_at").notNull(),
    untrackedAt: integer("untracked_at"),
    /** pending (also before the first answer), succeeded, partial, failed, missing. */
    state: text().notNull().default("pending"),
    /** Times that it was asked for. */
    attempts: integer().notNull().default(0),
    /** Runs in a row in which the API did not know it; 3 make it missing. */
    notSeen: integer("not_seen").notNull().default(0),
    missingSince: integer("missing_since"),
    lastCheckedAt: integer("last_checked_at"),
    nextCheckAt: integer("next_check_at"),
    lastError: text("last_error"),
  },
  (table) => [
    index("tracked_tasks_open")
      .on(table.nextCheckAt)
      .where(sql`untracked_at is null and state in ('pending', 'missing')`),
    index("tracked_tasks_never_mirrored")
      .on(table.addedAt)
      .where(sql`untracked_at is null and attempts = 0`),
  ],
);

/** One record of the API, its columns taken from document `document_version`. */
export const tasks = sqliteTable(
  "tasks",
  {
    id: text().primaryKey(),
    service: text().notNull().default("producer"),
    objectId: text("object_id"),
    type: text(),
    action: text(),
    model: text(),
    /** pending, succeeded, partial, failed: by the rules of record/state.ts. */
    state: text().notNull(),
    /** Which rule gave the state. */
    stateReason: text("state_reason"),
    prompt: text(),
    lyric: text(),
    title: text(),
    instrumental: integer({ mode: "boolean" }),
    custom: integer({ mode: "boolean" }),
    referenceAudioId: text("reference_audio_id"),
    swapAudioId: text("swap_audio_id"),
    continueAt: real("continue_at"),
    replaceSectionStart: real("replace_section_start"),
    replaceSectionEnd: real("replace_section_end"),
    lyricsStrength: real("lyrics_strength"),
    soundStrength: real("sound_strength"),
    coverStrength: real("cover_strength"),
    weirdness: real(),
    seed: text(),
    style: text(),
    styleNegative: text("style_negative"),
    vocalGender: text("vocal_gender"),
    lyricPrompt: text("lyric_prompt"),
    callbackUrl: text("callback_url"),
    createdAt: integer("created_at"),
    startedAt: integer("started_at"),
    finishedAt: integer("finished_at"),
    elapsedSeconds: real("elapsed_seconds"),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    apiId: text("api_id"),
    applicationId: text("application_id"),
    credentialId: text("credential_id"),
    userId: text("user_id"),
    traceId: text("trace_id"),
    documentVersion: integer("document_version").notNull(),
    firstSeenAt: integer("first_seen_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [
    index("tasks_created").on(table.createdAt),
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
    taskId: text("task_id")
      .notNull()
      .references(() => tasks.id),
    version: integer().notNull(),
    /** record, or result (the body of a synchronous answer or callback, which is poorer). */
    kind: text().notNull(),
    fetchedAt: integer("fetched_at").notNull(),
    /** Lower-case hex of the sha256 of `document` in UTF-8. */
    sha256: text().notNull(),
    document: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.version] })],
);

/** Usually one song. `rowid_key` is what the full-text index points at; it survives VACUUM. */
export const clips = sqliteTable(
  "clips",
  {
    rowidKey: integer("rowid_key").primaryKey(),
    id: text().notNull(),
    /** The task that first brought it; never changed. */
    taskId: text("task_id")
      .notNull()
      .references(() => tasks.id),
    title: text(),
    lyric: text(),
    /** The clip's own prompt, else the one its task was asked with. */
    prompt: text(),
    style: text(),
    sound: text(),
    topic: text(),
    model: text(),
    /** The action of the task that first brought it. */
    action: text(),
    /** pending, succeeded, failed: in our words. */
    state: text().notNull(),
    progress: text(),
    durationSeconds: real("duration_seconds"),
    seed: text(),
    imageId: text("image_id"),
    createdAt: integer("created_at"),
    audioUrl: text("audio_url"),
    imageUrl: text("image_url"),
    videoUrl: text("video_url"),
    wavUrl: text("wav_url"),
    stemsUrl: text("stems_url"),
    firstSeenAt: integer("first_seen_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    /** When its owner took it out (`rm`): its files are in the trash and are not fetched again. */
    removedAt: integer("removed_at"),
    /** When its texts were blanked as well (`rm --purge`). */
    purgedAt: integer("purged_at"),
  },
  (table) => [
    uniqueIndex("clips_id").on(table.id),
    index("clips_created").on(table.createdAt, table.rowidKey),
    index("clips_removed")
      .on(table.removedAt)
      .where(sql`removed_at is not null`),
  ],
);

/** Every appearance of a clip in a task. */
export const taskClips = sqliteTable(
  "task_clips",
  {
    taskId: text("task_id")
      .notNull()
      .references(() => tasks.id),
    position: integer().notNull(),
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
    id: integer().primaryKey(),
    taskId: text("task_id")
      .notNull()
      .references(() => tasks.id),
    clipId: text("clip_id").references(() => clips.id),
    /** audio, image, video, wav, stems. */
    kind: text().notNull(),
    url: text().notNull(),
    /** Relative to the assets folder, forward slashes; null until stored. */
    path: text(),
    /** wanted, stored, failed, gone. */
    state: text().notNull().default("wanted"),
    bytes: integer(),
    sha256: text(),
    contentType: text("content_type"),
    etag: text(),
    lastModified: text("last_modified"),
    durationSeconds: real("duration_seconds"),
    /** What proved the bytes when they were stored, such as `md5 length boxes`. */
    proof: text(),
    /** A remark that is no failure, such as a duration that differs from the record's. */
    note: text(),
    attempts: integer().notNull().default(0),
    /** Misses (403, 404, 410 also by a fresh URL) in a row, and when the first of them was. */
    misses: integer().notNull().default(0),
    firstMissAt: integer("first_miss_at"),
    nextAttemptAt: integer("next_attempt_at"),
    httpStatus: integer("http_status"),
    lastError: text("last_error"),
    storedAt: integer("stored_at"),
    verifiedAt: integer("verified_at"),
    /** When its owner took it out; such a file is not due, whatever its state. */
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
    index("assets_gone")
      .on(table.nextAttemptAt)
      .where(sql`state = 'gone'`),
  ],
);

/** One execution of sync, with its counts. */
export const syncRuns = sqliteTable("sync_runs", {
  id: integer().primaryKey({ autoIncrement: true }),
  /** manual, watch, demo. */
  trigger: text().notNull(),
  pid: integer().notNull(),
  host: text().notNull(),
  startedAt: integer("started_at").notNull(),
  finishedAt: integer("finished_at"),
  /** complete, incomplete, interrupted, failed; null while it runs or when it was killed. */
  outcome: text(),
  exitCode: integer("exit_code"),
  errorCode: text("error_code"),
  errorMessage: text("error_message"),
  tasksAsked: integer("tasks_asked").notNull().default(0),
  tasksNew: integer("tasks_new").notNull().default(0),
  tasksUpdated: integer("tasks_updated").notNull().default(0),
  tasksUnchanged: integer("tasks_unchanged").notNull().default(0),
  tasksPending: integer("tasks_pending").notNull().default(0),
  tasksFailed: integer("tasks_failed").notNull().default(0),
  tasksMissing: integer("tasks_missing").notNull().default(0),
  clipsNew: integer("clips_new").notNull().default(0),
  clipsUpdated: integer("clips_updated").notNull().default(0),
  assetsStored: integer("assets_stored").notNull().default(0),
  assetsBytes: integer("assets_bytes").notNull().default(0),
  assetsFailed: integer("assets_failed").notNull().default(0),
  assetsGone: integer("assets_gone").notNull().default(0),
  assetsAlreadyStored: integer("assets_already_stored").notNull().default(0),
  requests: integer().notNull().default(0),
});

/** The last time that files were held against the archive: one row a verify. */
export const verifyRuns = sqliteTable("verify_runs", {
  id: integer().primaryKey({ autoIncrement: true }),
  /** quick or full. */
  mode: text().notNull(),
  startedAt: integer("started_at").notNull(),
  finishedAt: integer("finished_at").notNull(),
  checked: integer().notNull(),
  ok: integer().notNull(),
  missing: integer().notNull(),
  corrupt: integer().notNull(),
  extra: integer().notNull(),
  /** Files that could not be read, which is not damage. */
  unreadable: integer().notNull().default(0),
  repaired: integer().notNull().default(0),
});

/** Where else a stored file lies: one row a digest and place, written by backups once the copy is read back. */
export const copies = sqliteTable(
  "copies",
  {
    sha256: text().notNull(),
    /** An absolute folder, `restic:<repository>` or `rclone:<remote>`; never a secret. */
    location: text().notNull(),
    verifiedAt: integer("verified_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.sha256, table.location] }), index("copies_location").on(table.location)],
);

/** One execution of backup, with its counts. */
export const backups = sqliteTable("backups", {
  id: integer().primaryKey({ autoIncrement: true }),
  /** As in `copies`. */
  location: text().notNull(),
  startedAt: integer("started_at").notNull(),
  /** When it was verified and in place; null when it did not get there. */
  finishedAt: integer("finished_at"),
  /** complete, interrupted, failed; null while it runs or when it was killed. */
  outcome: text(),
  errorMessage: text("error_message"),
  clips: integer().notNull().default(0),
  files: integer().notNull().default(0),
  bytes: integer().notNull().default(0),
});

/** A person's own words on their clips; sync knows nothing of them. */
export const clipTags = sqliteTable(
  "clip_tags",
  {
    clipId: text("clip_id")
      .notNull()
      .references(() => clips.id),
    tag: text().notNull(),
    addedAt: integer("added_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.clipId, table.tag] }), index("clip_tags_tag").on(table.tag)],
);

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
export type BackupRow = typeof backups.$inferSelect;
