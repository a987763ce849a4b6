import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ListGroup } from "../../../query/lists/arrange.ts";
import { scrollOf } from "../../state/address.ts";
import { count, span, type ListedSong } from "../../state/song.ts";
import { groupAt, layOut, linesBetween, topOf, type Line } from "../../state/layout.ts";
import { fresh, library, refreshLibrary, wantClips, type Library } from "../../state/library.ts";
import { reached, toggleFold, unfolded } from "../../state/reached.ts";
import { Card } from "./card.tsx";
import { groupName } from "./group-name.ts";
import { Row } from "./row.tsx";
import { Scrubber } from "./scrubber.tsx";
import { heightOfTakes, Takes } from "./takes.tsx";
import { useListKeys } from "./use-list-keys.ts";

const OVER_PX = 600;
/** Lines come and go in steps: not each pixel is worth a look at all of them. */
const STEP_PX = 100;
/** Fewer heads are found by scrolling. */
const LEAST_SCRUBBED = 5;

/** All songs of the library, of which only those that are looked at are in the page. */
export function SongList({ view, box }: { view: "grid" | "list"; box: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const remembered = useMemo(() => scrollOf(box), []);
  const [width, setWidth] = useState(0);
  const [height, setHeight] = useState(800);
  const [top, setTop] = useState(remembered.top);
  const { groups, grouping, clips, total = 0 } = library.value;
  const open = openTakes(clips);
  const shape = { ...shapeOf(view, width, grouping !== null, clips), open };
  const layout = useMemo(
    () => layOut(groups, shape),
    [groups, shape.columns, shape.rowHeight, shape.headHeight, open?.index, open?.height],
  );
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
    if (width > 0 && scroller.current) scroller.current.scrollTop = remembered.top;
  }, [width > 0]);
  const reach = (index: number) => {
    reached.value = index;
    const element = scroller.current;
    if (!element) return;
    const at = topOf(layout, index);
    if (at < element.scrollTop + 8) element.scrollTop = Math.max(0, at - layout.headHeight);
    else if (at + layout.rowHeight > element.scrollTop + height) element.scrollTop = at + layout.rowHeight - height + 8;
    requestAnimationFrame(() => element.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus());
  };
  useListKeys(scroller, layout.columns, reach);
  const lines = linesBetween(layout, top - OVER_PX, top + height + OVER_PX);
  const rows = lines.filter((line) => line.kind === "row");
  const [first, last] = [rows[0]?.first ?? 0, (rows.at(-1)?.first ?? 0) + (rows.at(-1)?.count ?? 0)];
  useEffect(() => wantClips(first, last), [first, last, clips]);
  const isByDay = grouping === "day" && groups.length >= LEAST_SCRUBBED;
  // What Tab leads to is in the page.
  const tabbed = reached.value >= first && reached.value < last ? reached.value : first;
  return (
    <div class={`body ${isByDay ? "" : "no-scrub"}`}>
      {fresh.value > 0 && (
        <button
          type="button"
          class="fresh"
          onClick={() => {
            scroller.current?.scrollTo({ top: 0 });
            void refreshLibrary();
          }}
        >
          {count(fresh.value, "new song")}
        </button>
      )}
      <div
        class={`scroll ${view}`}
        ref={scroller}
        onScroll={(event) => {
          setTop(Math.round(event.currentTarget.scrollTop / STEP_PX) * STEP_PX);
          remembered.top = event.currentTarget.scrollTop;
        }}
      >
        {view === "list" && <ListHead />}
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
              role={view === "list" && line.kind !== "row" ? "row" : "presentation"}
              ref={(element) => element?.style.setProperty("transform", `translateY(${line.top}px)`)}
            >
              {line.kind === "row" ? (
                <Songs line={line} view={view} clips={clips} columns={shape.columns} tabbed={tabbed} />
              ) : (
                <div role={view === "list" ? "cell" : "presentation"}>
                  {line.kind === "head" ? (
                    <Head group={line.group} grouping={grouping} />
                  ) : (
                    <Takes clip={clips.get(line.index)} />
                  )}
                </div>
              )}
            </div>
          ))}
        </div>
      </div>
      {isByDay && (
        <Scrubber
          layout={layout}
          top={top}
          current={layout.groups[groupAt(layout, top)]?.group}
          onMove={(to) => scroller.current?.scrollTo({ top: to })}
        />
      )}
    </div>
  );
}

function ListHead() {
  return (
    <div class="song heads" aria-hidden="true">
      <span />
      <span />
      <span>Title</span>
      <span class="c-takes">Takes</span>
      <span class="c-mod">Made by</span>
      <span class="c-date">Created</span>
      <span class="num">Length</span>
      <span class="c-rate">Rating</span>
      <span class="c-end" />
    </div>
  );
}

function Head({ group, grouping }: { group: ListGroup; grouping: Library["grouping"] }) {
  // The takes that are folded are not counted in the minutes.
  const isPlain = group.minutes > 0 && group.songs === group.clips;
  return (
    <div class="group">
      <h2>
        <bdi>{groupName(group, grouping)}</bdi>
      </h2>
      <span>{[count(group.songs, "song"), isPlain && span(group.minutes)].filter(Boolean).join(" · ")}</span>
    </div>
  );
}

type SongsProps = {
  line: Line & { kind: "row" };
  view: "grid" | "list";
  clips: ReadonlyMap<number, ListedSong>;
  columns: number;
  tabbed: number;
};

function Songs({ line: { first, count: some }, view, clips, columns, tabbed }: SongsProps) {
  const propsOf = (index: number) => ({
    index,
    clip: clips.get(index),
    isReached: index === tabbed,
    isOpen: unfolded.value === index,
    onToggle: toggleFold,
  });
  if (view === "list") return <Row {...propsOf(first)} />;
  const indexes = Array.from({ length: some }, (_, at) => first + at);
  return (
    <div class="cards" role="list" ref={(element) => element?.style.setProperty("--columns", String(columns))}>
      {indexes.map((index) => (
        <Card key={clips.get(index)?.id ?? index} {...propsOf(index)} />
      ))}
    </div>
  );
}

function openTakes(clips: ReadonlyMap<number, ListedSong>): { index: number; height: number } | undefined {
  const index = unfolded.value;
  const clip = index === null ? undefined : clips.get(index);
  return index !== null && clip?.stack ? { index, height: heightOfTakes(clip) } : undefined;
}

/** Cards are as wide as fits, and two on a phone; their height follows. */
function shapeOf(view: "grid" | "list", width: number, hasHeads: boolean, clips: ReadonlyMap<number, ListedSong>) {
  const headHeight = hasHeads ? 46 : view === "list" ? 0 : 14;
  const isTouch = matchMedia("(pointer: coarse)").matches || innerWidth < 640;
  if (view === "list") return { columns: 1, rowHeight: isTouch ? 60 : 44, headHeight };
  const [least, gap] = innerWidth < 640 ? [130, 14] : [164, 18];
  const columns = Math.max(innerWidth < 640 ? 2 : 1, Math.floor((width + gap) / (least + gap)));
  const card = (width - gap * (columns - 1)) / columns;
  const strip = [...clips.values()].some(({ stack }) => stack) ? 24 : 0;
  return { columns, rowHeight: Math.round(card + 100 + strip), headHeight };
}

function paddingOf(element: HTMLElement): number {
  const { paddingLeft, paddingRight } = getComputedStyle(element);
  return Number.parseFloat(paddingLeft) + Number.parseFloat(paddingRight);
}
