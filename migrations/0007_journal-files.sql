CREATE TABLE `journal_files` (
	`name` text PRIMARY KEY NOT NULL,
	`bytes` integer NOT NULL,
	`lines` integer NOT NULL,
	`digest` text NOT NULL,
	`seq` integer NOT NULL
);
