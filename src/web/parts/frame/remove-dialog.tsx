import { useEffect, useRef, useState } from "preact/hooks";
import { removeAll } from "../../state/bulk.ts";
import { marksOf } from "../../state/marks.ts";
import { toRemove } from "../../state/song-menu.ts";
import { count, titleOf } from "../../state/song.ts";

/** Says what removing does before it is done. */
export function RemoveDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isBusy, setBusy] = useState(false);
  const clips = toRemove.value;
  useEffect(() => {
    if (clips) dialog.current?.showModal();
    else dialog.current?.close();
  }, [clips]);
  const starred = clips?.filter((clip) => marksOf(clip).starred).length ?? 0;
  const close = () => (toRemove.value = null);
  const remove = async () => {
    setBusy(true);
    await removeAll(clips ?? []);
    setBusy(false);
    close();
  };
  return (
    <dialog ref={dialog} class="ask" aria-labelledby="remove-title" onClose={close}>
      {clips && (
        <>
          <h2 id="remove-title">
            {clips.length === 1 ? (
              <>
                Move “<bdi>{titleOf(clips[0]!)}</bdi>” to the trash?
              </>
            ) : (
              `Move ${count(clips.length, "song")} to the trash?`
            )}
          </h2>
          <p>
            {clips.length === 1 ? "Its files stay" : "Their files stay"} in the trash of this archive for 30 days, can
            be brought back until then, and are never fetched again. Nothing changes at the service that made{" "}
            {clips.length === 1 ? "it" : "them"}, and backups keep what they have.
            {starred > 0 && (
              <b>
                {" "}
                {clips.length === 1 ? "It is starred." : `${count(starred, "of them is", "of them are")} starred.`}
              </b>
            )}
          </p>
          <div class="acts">
            <button type="button" class="btn" onClick={close}>
              Keep {clips.length === 1 ? "it" : "them"}
            </button>
            <button type="button" class="btn bad" disabled={isBusy} onClick={() => void remove()}>
              {isBusy ? "Moving…" : "Move to trash"}
            </button>
          </div>
        </>
      )}
    </dialog>
  );
}
