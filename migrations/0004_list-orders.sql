CREATE INDEX `clips_title` ON `clips` (`title`,`created_at`,`rowid_key`);--> statement-breakpoint
CREATE INDEX `clips_duration` ON `clips` (`duration_seconds`,`created_at`,`rowid_key`);--> statement-breakpoint
CREATE INDEX `clips_model` ON `clips` (`model`,`created_at`,`rowid_key`);--> statement-breakpoint
CREATE INDEX `clips_action` ON `clips` (`action`,`created_at`,`rowid_key`);--> statement-breakpoint
CREATE INDEX `clips_state` ON `clips` (`state`,`created_at`,`rowid_key`);--> statement-breakpoint
CREATE INDEX `clips_figures` ON `clips` (`created_at`,`duration_seconds`,`model`,`action`,`state`);--> statement-breakpoint
CREATE INDEX `clips_seed` ON `clips` (`seed`) WHERE seed is not null;--> statement-breakpoint
CREATE INDEX `clips_without_audio` ON `clips` (`created_at`,`rowid_key`) WHERE audio_url is null;--> statement-breakpoint
CREATE INDEX `clips_without_image` ON `clips` (`created_at`,`rowid_key`) WHERE image_url is null;