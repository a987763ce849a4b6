import { useMemo, useRef, useState } from "preact/hooks";
import { count } from "../../state/song.ts";
import { groupAt, type Layout } from "../../state/layout.ts";
import type { ListGroup } from "../../../query/lists/arrange.ts";
import { dayName, monthName } from "./day-name.ts";

type Props = { layout: Layout; top: number; current: ListGroup | undefined; onMove: (top: number) => void };

/** The songs by month as bars beside the list; one drags along them to a date. */
export function Scrubber({ layout, top, current, onMove }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [isDragged, setDragged] = useState(false);
  const months = useMemo(() => monthsOf(layout), [layout]);
  const most = Math.max(...months.map(({ clips }) => clips), 1);
  const share = layout.height > 0 ? Math.min(1, top / layout.height) : 0;
  const moveTo = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect();
    if (rect) onMove(Math.max(0, Math.min(1, (event.clientY - rect.top) / rect.height)) * layout.height);
  };
  const month = months.find(({ key }) => key === (current?.key?.slice(0, 7) ?? null));
  return (
    <div
      ref={box}
      class="scrub"
      role="slider"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label="Date"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={dayName(current?.key ?? null)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragged(true);
        moveTo(event);
      }}
      onPointerMove={(event) => isDragged && moveTo(event)}
      onPointerUp={() => setDragged(false)}
      onPointerCancel={() => setDragged(false)}
      onKeyDown={(event) => {
        const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 30, PageUp: -30 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const group = layout.groups[Math.max(0, Math.min(layout.groups.length - 1, groupAt(layout, top) + step))];
        onMove(group?.top ?? 0);
      }}
    >
      <svg viewBox="0 0 30 1000" preserveAspectRatio="none" aria-hidden="true">
        <path
          d={months
            .map(({ at, clips }) => `M30 ${(at * 1000).toFixed(1)}h${-Math.max(2, (clips / most) * 28)}`)
            .join("")}
        />
      </svg>
      {yearsOf(months).map(({ year, at }) => (
        <span key={year} class="yr" ref={(element) => element?.style.setProperty("top", `${at * 100}%`)}>
          {year}
        </span>
      ))}
      <span
        class={`thumb ${isDragged ? "drag" : ""}`}
        ref={(element) => element?.style.setProperty("top", `${share * 100}%`)}
      >
        <b>{isDragged ? `${monthName(current?.key ?? null)} · ${count(month?.clips ?? 0, "song")}` : ""}</b>
      </span>
    </div>
  );
}

type Month = { key: string | null; clips: number; at: number };

function monthsOf({ groups, height }: Layout): Month[] {
  const months = new Map<string | null, Month>();
  for (const { group, top } of groups) {
    const key = group.key?.slice(0, 7) ?? null;
    const month = months.get(key) ?? { key, clips: 0, at: height > 0 ? top / height : 0 };
    month.clips += group.clips;
    months.set(key, month);
  }
  return [...months.values()];
}

/** The first month of each year, where there is room for its label. */
function yearsOf(months: Month[]): { year: string; at: number }[] {
  const years: { year: string; at: number }[] = [];
  for (const { key, at } of months) {
    const year = key?.slice(0, 4);
    if (year && years.at(-1)?.year !== year && at - (years.at(-1)?.at ?? -1) > 0.05)
      years.push({ year, at: at + 0.02 });
  }
  return years;
}
