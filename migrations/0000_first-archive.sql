CREATE TABLE `archive_info` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `assets` (
	`id` integer PRIMARY KEY NOT NULL,
	`task_id` text NOT NULL,
	`clip_id` text,
	`kind` text NOT NULL,
	`url` text NOT NULL,
	`path` text,
	`state` text DEFAULT 'wanted' NOT NULL,
	`bytes` integer,
	`sha256` text,
	`content_type` text,
	`etag` text,
	`last_modified` text,
	`duration_seconds` real,
	`proof` text,
	`note` text,
	`attempts` integer DEFAULT 0 NOT NULL,
	`misses` integer DEFAULT 0 NOT NULL,
	`first_miss_at` integer,
	`next_attempt_at` integer,
	`http_status` integer,
	`last_error` text,
	`stored_at` integer,
	`verified_at` integer,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`clip_id`) REFERENCES `clips`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `assets_clip_kind` ON `assets` (`clip_id`,`kind`) WHERE clip_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `assets_task_kind` ON `assets` (`task_id`,`kind`) WHERE clip_id is null;--> statement-breakpoint
CREATE INDEX `assets_task` ON `assets` (`task_id`);--> statement-breakpoint
CREATE INDEX `assets_path` ON `assets` (`path`) WHERE path is not null;--> statement-breakpoint
CREATE INDEX `assets_due` ON `assets` (`kind`,`next_attempt_at`) WHERE state in ('wanted', 'failed');--> statement-breakpoint
CREATE INDEX `assets_gone` ON `assets` (`next_attempt_at`) WHERE state = 'gone';--> statement-breakpoint
CREATE TABLE `clips` (
	`rowid_key` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`task_id` text NOT NULL,
	`title` text,
	`lyric` text,
	`prompt` text,
	`style` text,
	`sound` text,
	`topic` text,
	`model` text,
	`action` text,
	`state` text NOT NULL,
	`progress` text,
	`duration_seconds` real,
	`seed` text,
	`image_id` text,
	`created_at` integer,
	`audio_url` text,
	`image_url` text,
	`video_url` text,
	`wav_url` text,
	`stems_url` text,
	`first_seen_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `clips_id` ON `clips` (`id`);--> statement-breakpoint
CREATE INDEX `clips_created` ON `clips` (`created_at`,`rowid_key`);--> statement-breakpoint
CREATE TABLE `sync_runs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`trigger` text NOT NULL,
	`pid` integer NOT NULL,
	`host` text NOT NULL,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	`outcome` text,
	`exit_code` integer,
	`error_code` text,
	`error_message` text,
	`tasks_asked` integer DEFAULT 0 NOT NULL,
	`tasks_new` integer DEFAULT 0 NOT NULL,
	`tasks_updated` integer DEFAULT 0 NOT NULL,
	`tasks_unchanged` integer DEFAULT 0 NOT NULL,
	`tasks_pending` integer DEFAULT 0 NOT NULL,
	`tasks_failed` integer DEFAULT 0 NOT NULL,
	`tasks_missing` integer DEFAULT 0 NOT NULL,
	`clips_new` integer DEFAULT 0 NOT NULL,
	`clips_updated` integer DEFAULT 0 NOT NULL,
	`assets_stored` integer DEFAULT 0 NOT NULL,
	`assets_bytes` integer DEFAULT 0 NOT NULL,
	`assets_failed` integer DEFAULT 0 NOT NULL,
	`assets_gone` integer DEFAULT 0 NOT NULL,
	`assets_already_stored` integer DEFAULT 0 NOT NULL,
	`requests` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE `task_clips` (
	`task_id` text NOT NULL,
	`position` integer NOT NULL,
	`clip_id` text NOT NULL,
	PRIMARY KEY(`task_id`, `position`),
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`clip_id`) REFERENCES `clips`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `task_clips_clip` ON `task_clips` (`clip_id`);--> statement-breakpoint
CREATE TABLE `task_documents` (
	`task_id` text NOT NULL,
	`version` integer NOT NULL,
	`kind` text NOT NULL,
	`fetched_at` integer NOT NULL,
	`sha256` text NOT NULL,
	`document` text NOT NULL,
	PRIMARY KEY(`task_id`, `version`),
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `tasks` (
	`id` text PRIMARY KEY NOT NULL,
	`service` text DEFAULT 'producer' NOT NULL,
	`object_id` text,
	`type` text,
	`action` text,
	`model` text,
	`state` text NOT NULL,
	`state_reason` text,
	`prompt` text,
	`lyric` text,
	`title` text,
	`instrumental` integer,
	`custom` integer,
	`reference_audio_id` text,
	`swap_audio_id` text,
	`continue_at` real,
	`replace_section_start` real,
	`replace_section_end` real,
	`lyrics_strength` real,
	`sound_strength` real,
	`cover_strength` real,
	`weirdness` real,
	`seed` text,
	`style` text,
	`style_negative` text,
	`vocal_gender` text,
	`lyric_prompt` text,
	`callback_url` text,
	`created_at` integer,
	`started_at` integer,
	`finished_at` integer,
	`elapsed_seconds` real,
	`error_code` text,
	`error_message` text,
	`api_id` text,
	`application_id` text,
	`credential_id` text,
	`user_id` text,
	`trace_id` text,
	`document_version` integer NOT NULL,
	`first_seen_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `tasks_created` ON `tasks` (`created_at`);--> statement-breakpoint
CREATE INDEX `tasks_reference_audio` ON `tasks` (`reference_audio_id`) WHERE reference_audio_id is not null;--> statement-breakpoint
CREATE INDEX `tasks_swap_audio` ON `tasks` (`swap_audio_id`) WHERE swap_audio_id is not null;--> statement-breakpoint
CREATE TABLE `tracked_tasks` (
	`task_id` text PRIMARY KEY NOT NULL,
	`service` text DEFAULT 'producer' NOT NULL,
	`source` text NOT NULL,
	`added_at` integer NOT NULL,
	`untracked_at` integer,
	`state` text DEFAULT 'pending' NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`not_seen` integer DEFAULT 0 NOT NULL,
	`missing_since` integer,
	`last_checked_at` integer,
	`next_check_at` integer,
	`last_error` text
);
--> statement-breakpoint
CREATE INDEX `tracked_tasks_open` ON `tracked_tasks` (`next_check_at`) WHERE untracked_at is null and state in ('pending', 'missing');--> statement-breakpoint
CREATE INDEX `tracked_tasks_never_mirrored` ON `tracked_tasks` (`added_at`) WHERE untracked_at is null and attempts = 0;--> statement-breakpoint
CREATE TABLE `verify_runs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`mode` text NOT NULL,
	`started_at` integer NOT NULL,
	`finished_at` integer NOT NULL,
	`checked` integer NOT NULL,
	`ok` integer NOT NULL,
	`missing` integer NOT NULL,
	`corrupt` integer NOT NULL,
	`extra` integer NOT NULL
);
