-- Triggers and views: dropped before a migration and made after it, since a table rebuild drops triggers silently and
-- fails on views. index_text() is the program's own (lib/text/search-text.ts): what is indexed of a text. So
-- is clips_wait(): true while a batch is saved, whose clips are indexed together at its end (db/full-text.ts).

create trigger clips_fts_insert after insert on clips when not clips_wait() begin
  insert into clips_fts (rowid, title, lyric, prompt, sound)
  values (new.rowid_key, index_text(new.title), index_text(new.lyric), index_text(new.prompt), index_text(new.sound));
end;

create trigger clips_fts_update after update of title, lyric, prompt, sound on clips
when old.title is not new.title or old.lyric is not new.lyric or old.prompt is not new.prompt or old.sound is not new.sound
begin
  update clips_fts
  set title = index_text(new.title), lyric = index_text(new.lyric),
      prompt = index_text(new.prompt), sound = index_text(new.sound)
  where rowid = new.rowid_key;
end;

create trigger clips_fts_delete after delete on clips begin
  delete from clips_fts where rowid = old.rowid_key;
end;

-- Songs as a person thinks of them: one row a clip that was not removed, times as ISO 8601, paths relative to the assets folder.
create view songs as
select
  clips.title,
  clips.model,
  clips.action,
  clips.state,
  strftime('%Y-%m-%dT%H:%M:%fZ', clips.created_at / 1000.0, 'unixepoch') as created,
  clips.duration_seconds,
  clips.lyric,
  clips.prompt,
  clips.seed,
  (select path from assets where assets.clip_id = clips.id and assets.kind = 'audio' and assets.state = 'stored') as audio_path,
  (select path from assets where assets.clip_id = clips.id and assets.kind = 'image' and assets.state = 'stored') as image_path,
  clips.id as clip_id,
  clips.task_id
from clips
where clips.removed_at is null;
