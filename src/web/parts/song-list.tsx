import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { rememberedScroll, rememberScroll } from "../state/address.ts";
import { count, span, type ListedSong } from "../state/song.ts";
import { groupAt, layOut, linesBetween, type Line } from "../state/layout.ts";
import { library, wantClips, type Day } from "../state/library.ts";
import { Card } from "./card.tsx";
import { dayName } from "./day-name.ts";
import { Row } from "./row.tsx";
import { Scrubber } from "./scrubber.tsx";

const OVER_PX = 600;

/** All songs of the library, of which only those that are looked at are in the page. */
export function SongList({ view, box }: { view: "grid" | "list"; box: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [height, setHeight] = useState(800);
  const [top, setTop] = useState(0);
  const { days, clips, total = 0 } = library.value;
  const shape = shapeOf(view, width, days);
  const layout = useMemo(() => layOut(days, shape), [days, shape.columns, shape.rowHeight, shape.headHeight]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const look = () => {
      setWidth(element.clientWidth - paddingOf(element));
      setHeight(element.clientHeight);
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (width > 0 && scroller.current) scroller.current.scrollTop = rememberedScroll(box);
  }, [width > 0, box]);
  const lines = linesBetween(layout, top - OVER_PX, top + height + OVER_PX);
  const rows = lines.filter((line) => line.kind === "row");
  const [first, last] = [rows[0]?.first ?? 0, (rows.at(-1)?.first ?? 0) + (rows.at(-1)?.count ?? 0)];
  useEffect(() => wantClips(first, last), [first, last, clips]);
  const isByDay = days.length > 1 || days[0]?.key !== "";
  return (
    <div class={`body ${isByDay ? "" : "no-scrub"}`}>
      <div
        class={`scroll ${view}`}
        ref={scroller}
        onScroll={(event) => {
          setTop(event.currentTarget.scrollTop);
          rememberScroll(box, event.currentTarget.scrollTop);
        }}
      >
        <div
          class="all"
          role={view === "list" ? "table" : "group"}
          aria-label={count(total, "song")}
          aria-rowcount={view === "list" ? total : undefined}
          ref={(element) => element?.style.setProperty("height", `${layout.height}px`)}
        >
          {lines.map((line) => (
            <div
              key={line.key}
              class={`line ${line.kind}`}
              role="presentation"
              ref={(element) => element?.style.setProperty("transform", `translateY(${line.top}px)`)}
            >
              {line.kind === "head" ? (
                <Head day={line.day} />
              ) : (
                <Songs line={line} view={view} clips={clips} columns={shape.columns} />
              )}
            </div>
          ))}
        </div>
      </div>
      {isByDay && (
        <Scrubber
          layout={layout}
          top={top}
          current={layout.groups[groupAt(layout, top)]?.day}
          onMove={(to) => scroller.current?.scrollTo({ top: to })}
        />
      )}
    </div>
  );
}

function Head({ day }: { day: Day }) {
  return (
    <div class="group">
      <h2>{dayName(day.key)}</h2>
      <span>{[count(day.clips, "song"), day.minutes > 0 && span(day.minutes)].filter(Boolean).join(" · ")}</span>
    </div>
  );
}

type SongsProps = {
  line: Line & { kind: "row" };
  view: "grid" | "list";
  clips: ReadonlyMap<number, ListedSong>;
  columns: number;
};

function Songs({ line: { first, count: some }, view, clips, columns }: SongsProps) {
  const indexes = Array.from({ length: some }, (_, at) => first + at);
  if (view === "list") return <Row index={first} clip={clips.get(first)} />;
  return (
    <div class="cards" role="list" ref={(element) => element?.style.setProperty("--columns", String(columns))}>
      {indexes.map((index) => (
        <Card key={clips.get(index)?.id ?? index} index={index} clip={clips.get(index)} />
      ))}
    </div>
  );
}

/** Cards are as wide as fits, and two on a phone; their height follows. */
function shapeOf(view: "grid" | "list", width: number, days: Day[]) {
  const headHeight = days.length === 1 && days[0]?.key === "" ? 8 : 46;
  const isTouch = matchMedia("(pointer: coarse)").matches || innerWidth < 640;
  if (view === "list") return { columns: 1, rowHeight: isTouch ? 60 : 44, headHeight };
  const [least, gap] = innerWidth < 640 ? [130, 14] : [164, 18];
  const columns = Math.max(innerWidth < 640 ? 2 : 1, Math.floor((width + gap) / (least + gap)));
  const card = (width - gap * (columns - 1)) / columns;
  return { columns, rowHeight: Math.round(card + 100), headHeight };
}

function paddingOf(element: HTMLElement): number {
  const { paddingLeft, paddingRight } = getComputedStyle(element);
  return Number.parseFloat(paddingLeft) + Number.parseFloat(paddingRight);
}
