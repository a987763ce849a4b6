import { marksOf } from "../../state/marks.ts";
import { current } from "../../state/queue.ts";
import { count, type ListedSong } from "../../state/song.ts";

const MOST = 40;

/** A stack at a glance, a bar a take: height is the rating, yellow a star, hollow not heard, underlined what plays. */
export function TakeStrip({ clip, isOpen, onToggle }: { clip: ListedSong; isOpen: boolean; onToggle: () => void }) {
  const { stack } = clip;
  if (!stack) return null;
  const takes = stack.takes.slice(0, MOST).map((take) => ({ ...take, ...marksOf(take) }));
  const width = takes.length > 15 ? 3 : 5;
  const [starred, unheard] = [
    takes.filter((take) => take.starred).length,
    takes.filter(({ plays }) => plays === 0).length,
  ];
  const label = [count(stack.size, "take"), starred > 0 && `${starred} starred`, unheard > 0 && `${unheard} not heard`]
    .filter(Boolean)
    .join(", ");
  return (
    <button type="button" class="strip" aria-expanded={isOpen} aria-label={label} title={label} onClick={onToggle}>
      <svg width={takes.length * (width + 1)} height="18" aria-hidden="true">
        {takes.map(({ id, rating, starred: isStarred, plays, hasAudio }, at) => {
          const height = 6 + rating * 1.6;
          const kind = `${isStarred ? "s" : ""} ${plays === 0 ? "u" : ""} ${hasAudio ? "" : "x"}`;
          return (
            <>
              <rect class={kind} x={at * (width + 1) + 0.5} y={14.5 - height} width={width - 1} height={height} />
              {current.value?.id === id && <rect class="p" x={at * (width + 1)} y={16} width={width} height={2} />}
            </>
          );
        })}
        <path d={`M0 15.5h${takes.length * (width + 1)}`} />
      </svg>
      <span class="num">{stack.size > MOST ? `+${stack.size - MOST}` : count(stack.size, "take")}</span>
    </button>
  );
}
