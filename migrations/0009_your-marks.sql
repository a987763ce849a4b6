CREATE TABLE `clip_marks` (
	`clip_id` text PRIMARY KEY NOT NULL,
	`starred_at` integer,
	`rating` integer DEFAULT 0 NOT NULL,
	`plays` integer DEFAULT 0 NOT NULL,
	`last_played_at` integer,
	FOREIGN KEY (`clip_id`) REFERENCES `clips`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `clip_marks_starred` ON `clip_marks` (`starred_at`,`clip_id`) WHERE starred_at is not null;--> statement-breakpoint
CREATE INDEX `clip_marks_rating` ON `clip_marks` (`rating`,`clip_id`);--> statement-breakpoint
CREATE INDEX `clip_marks_plays` ON `clip_marks` (`plays`,`clip_id`);--> statement-breakpoint
CREATE INDEX `clip_marks_played` ON `clip_marks` (`last_played_at`,`clip_id`);--> statement-breakpoint
CREATE TABLE `playlist_clips` (
	`playlist_id` text NOT NULL,
	`position` integer NOT NULL,
	`clip_id` text NOT NULL,
	`added_at` integer NOT NULL,
	PRIMARY KEY(`playlist_id`, `position`),
	FOREIGN KEY (`playlist_id`) REFERENCES `playlists`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `playlist_clips_clip` ON `playlist_clips` (`clip_id`);--> statement-breakpoint
CREATE TABLE `playlists` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`comment` text DEFAULT '' NOT NULL,
	`created_at` integer NOT NULL,
	`changed_at` integer NOT NULL
);
