import { work } from "../state/live.ts";
import { count, size } from "../state/song.ts";
import { HOUR } from "./times.ts";

/** A run as it goes on: only what was reported of it is counted. */
export function LiveWork() {
  const now = work.value;
  if (!now) return null;
  const { kind, since, due, records, fresh, files, wanted, bytes, failed } = now;
  const [all, done] = [due + wanted, records + files];
  const facts = [
    due > 0
      ? `${records.toLocaleString("en")} of ${count(due, "record")} came`
      : records > 0 && `${count(records, "record")} came`,
    fresh > 0 && count(fresh, "new task"),
    files > 0 && `${count(files, "file")}, ${size(bytes)}`,
    failed > 0 && `${failed.toLocaleString("en")} failed`,
  ].filter(Boolean);
  return (
    <section class="live" aria-label={kind === "sync" ? "The sync at work" : "The verify at work"}>
      <p>
        <span class="lamp busy" aria-hidden="true" />
        <b>{kind === "sync" ? "A sync is running" : "A verify is running"}</b>
        <span class="q num">since {HOUR.format(new Date(since))}</span>
      </p>
      <progress max={Math.max(1, all)} {...(all > 0 && { value: Math.min(done, all) })} aria-label="Progress" />
      <p class="num">{facts.join(" · ") || (kind === "sync" ? "asking for what is due" : "reading every file")}</p>
    </section>
  );
}
