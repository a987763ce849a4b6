CREATE TABLE `backups` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`location` text NOT NULL,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	`outcome` text,
	`error_message` text,
	`clips` integer DEFAULT 0 NOT NULL,
	`files` integer DEFAULT 0 NOT NULL,
	`bytes` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE `clip_tags` (
	`clip_id` text NOT NULL,
	`tag` text NOT NULL,
	`added_at` integer NOT NULL,
	PRIMARY KEY(`clip_id`, `tag`),
	FOREIGN KEY (`clip_id`) REFERENCES `clips`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `clip_tags_tag` ON `clip_tags` (`tag`);--> statement-breakpoint
CREATE TABLE `copies` (
	`sha256` text NOT NULL,
	`location` text NOT NULL,
	`verified_at` integer NOT NULL,
	PRIMARY KEY(`sha256`, `location`)
);
--> statement-breakpoint
CREATE INDEX `copies_location` ON `copies` (`location`);--> statement-breakpoint
ALTER TABLE `assets` ADD `removed_at` integer;--> statement-breakpoint
ALTER TABLE `assets` ADD `trash_path` text;--> statement-breakpoint
ALTER TABLE `clips` ADD `removed_at` integer;--> statement-breakpoint
ALTER TABLE `clips` ADD `purged_at` integer;--> statement-breakpoint
CREATE INDEX `clips_removed` ON `clips` (`removed_at`) WHERE removed_at is not null;--> statement-breakpoint
ALTER TABLE `verify_runs` ADD `unreadable` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `verify_runs` ADD `repaired` integer DEFAULT 0 NOT NULL;