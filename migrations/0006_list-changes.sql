DROP INDEX `tasks_listed`;--> statement-breakpoint
CREATE INDEX `tasks_first_seen` ON `tasks` (`first_seen_at`);--> statement-breakpoint
CREATE INDEX `tasks_updated` ON `tasks` (`updated_at`);--> statement-breakpoint
CREATE INDEX `tasks_listed` ON `tasks` (`created_at`,`id`,`state`,`model`,`action`,`instrumental`,`title`);--> statement-breakpoint
CREATE INDEX `assets_healed` ON `assets` (`stored_at`) WHERE attempts > 1;--> statement-breakpoint
CREATE INDEX `clips_first_seen` ON `clips` (`first_seen_at`);--> statement-breakpoint
CREATE INDEX `tracked_tasks_vanished` ON `tracked_tasks` (`missing_since`) WHERE missing_since is not null;