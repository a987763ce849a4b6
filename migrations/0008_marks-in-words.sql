DROP TABLE `clips_fts`;
--> statement-breakpoint
CREATE VIRTUAL TABLE `clips_fts` USING fts5(
	title,
	lyric,
	prompt,
	sound,
	tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc Me'"
);
