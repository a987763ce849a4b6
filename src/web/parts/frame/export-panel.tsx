import { clock, count, titleOf, type ListedSong } from "../../state/song.ts";
import { toast } from "../../state/toasts.ts";
import { Icon } from "../icon.tsx";

/** Browsers ask before a page saves several files, and some stop at ten at a time. */
const MOST_FILES = 10;

/** Takes songs along: their files, a playlist for players, or the list as data. */
export function ExportPanel({
  clips,
  playlist,
  done,
}: {
  clips: ListedSong[];
  /** The name of the playlist that these are. */
  playlist?: string;
  done: () => void;
}) {
  const name = playlist ?? "Selected songs";
  const songs = clips.filter(({ audioPath }) => audioPath !== null);
  const command = `producer-mirror export songs <folder> --playlist ${JSON.stringify(name)}`;
  const choose = (work: () => void) => () => {
    work();
    done();
  };
  return (
    <>
      <ul class="choices">
        <li>
          <button
            type="button"
            disabled={songs.length === 0 || songs.length > MOST_FILES}
            onClick={choose(() => songs.forEach(saveFile))}
          >
            <Icon name="download" size="s" />
            <span>
              {songs.length > MOST_FILES ? `Files: ${MOST_FILES} at a time` : count(songs.length, "file")}
              <small>as they were made</small>
            </span>
          </button>
        </li>
        <li>
          <button type="button" disabled={songs.length === 0} onClick={choose(() => save(`${name}.m3u8`, m3u8(songs)))}>
            <Icon name="playlist" size="s" />
            <span>
              M3U8 for a player
              <small>plays from this service</small>
            </span>
          </button>
        </li>
        <li>
          <button type="button" onClick={choose(() => save(`${name}.json`, JSON.stringify(clips.map(plain), null, 2)))}>
            <Icon name="copy" size="s" />
            <span>
              The list as JSON
              <small>titles, lyrics, prompts, marks</small>
            </span>
          </button>
        </li>
      </ul>
      {playlist === undefined ? (
        <p class="hint">
          For a folder of tagged files with covers, add them to a playlist: <code>export songs</code> takes its name.
        </p>
      ) : (
        <p class="hint">
          A folder of tagged files with covers, from a playlist, on the machine of the archive:
          <button
            type="button"
            class="cmd"
            title="Copy"
            onClick={() =>
              void navigator.clipboard.writeText(command).then(
                () => toast("the command is copied"),
                () => toast(command),
              )
            }
          >
            <code>{command}</code>
            <Icon name="copy" size="s" />
          </button>
        </p>
      )}
    </>
  );
}

function saveFile({ id }: ListedSong): void {
  click(`/media/${encodeURIComponent(id)}/audio?download`, "");
}

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  click(address, name.replaceAll(/[\\/:*?"<>|]/g, "_"));
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function click(href: string, name: string): void {
  const link = Object.assign(document.createElement("a"), { href, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

/** https://datatracker.ietf.org/doc/html/rfc8216#section-4 has the form; titles are on one line. */
function m3u8(songs: ListedSong[]): string {
  const lines = songs.flatMap((clip) => [
    `#EXTINF:${Math.round(clip.durationSeconds ?? -1)},${titleOf(clip).replaceAll(/\s+/g, " ")}`,
    `${location.origin}/media/${encodeURIComponent(clip.id)}/audio`,
  ]);
  return `#EXTM3U\n${lines.join("\n")}\n`;
}

/** Without what is only true on this machine. */
function plain({ audioPath: _audio, imagePath: _image, stack: _stack, snippet: _snippet, ...clip }: ListedSong) {
  return { ...clip, length: clock(clip.durationSeconds) };
}
