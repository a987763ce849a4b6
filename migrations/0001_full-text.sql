CREATE VIRTUAL TABLE `clips_fts` USING fts5(
	title,
	lyric,
	prompt,
	sound,
	tokenize = 'unicode61 remove_diacritics 2'
);
