DROP INDEX `tasks_created`;--> statement-breakpoint
CREATE INDEX `tasks_listed` ON `tasks` (`created_at`,`id`,`state`,`model`,`action`,`instrumental`);--> statement-breakpoint
CREATE INDEX `tasks_instrumental` ON `tasks` (`id`) WHERE instrumental;--> statement-breakpoint
CREATE INDEX `tracked_tasks_unanswered` ON `tracked_tasks` (`added_at`,`task_id`) WHERE state in ('pending', 'missing');