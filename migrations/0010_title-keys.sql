DROP INDEX `clips_title`;--> statement-breakpoint
ALTER TABLE `clips` ADD `title_key` text;--> statement-breakpoint
UPDATE `clips` SET `title_key` = title_key(`title`) WHERE `title` IS NOT NULL;--> statement-breakpoint
CREATE INDEX `clips_title_key` ON `clips` (`title_key`,`created_at`,`rowid_key`);--> statement-breakpoint
DROP INDEX `tasks_listed`;--> statement-breakpoint
ALTER TABLE `tasks` ADD `title_key` text;--> statement-breakpoint
UPDATE `tasks` SET `title_key` = title_key(`title`) WHERE `title` IS NOT NULL;--> statement-breakpoint
CREATE INDEX `tasks_listed` ON `tasks` (`created_at`,`id`,`state`,`model`,`action`,`instrumental`,`title_key`);
