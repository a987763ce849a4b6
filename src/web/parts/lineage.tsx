import { useEffect, useState } from "preact/hooks";
import type { Lineage as Family } from "../../query/lineage/lineage.ts";
import { ask } from "../state/api.ts";

const [WIDTH, HEIGHT, GAP_X, GAP_Y] = [176, 52, 60, 14];
/** A family of hundreds is cut around the song, and says so. */
const MAX_SHOWN = 120;

type Placed = { id: string; column: number; row: number };

/** The family of a song from left to right: each column was made from the one before. */
export function Lineage({ id }: { id: string }) {
  const [family, setFamily] = useState<Family>();
  useEffect(() => {
    const stop = new AbortController();
    ask<Family>(`/api/lineage/${encodeURIComponent(id)}`, {}, stop.signal).then(setFamily, () => {});
    return () => stop.abort();
  }, [id]);
  if (!family) return <p class="q">&nbsp;</p>;
  if (family.nodes.length <= 1) return <p class="q">Made from nothing here, and nothing here was made from it.</p>;
  const places = placesOf(family);
  const nodes = new Map(family.nodes.map((node) => [node.id, node]));
  const at = (place: Placed) => ({ x: place.column * (WIDTH + GAP_X), y: place.row * (HEIGHT + GAP_Y) });
  const columns = Math.max(...[...places.values()].map(({ column }) => column)) + 1;
  const rows = Math.max(...[...places.values()].map(({ row }) => row)) + 1;
  const [width, height] = [columns * (WIDTH + GAP_X) - GAP_X, rows * (HEIGHT + GAP_Y) - GAP_Y];
  return (
    <div class="wrapx">
      <div class="lin" onKeyDown={walk} ref={(element) => sized(element, width, height)}>
        <svg class="ed" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          {family.edges.map(({ from, to, role }) => {
            const [one, other] = [places.get(from), places.get(to)];
            if (!one || !other) return null;
            const [a, b] = [at(one), at(other)];
            const [x1, y1, x2, y2] = [a.x + WIDTH, a.y + HEIGHT / 2, b.x, b.y + HEIGHT / 2];
            return (
              <path
                key={`${from} ${to} ${role}`}
                class={to === id || from === id ? "on" : ""}
                d={`M${x1} ${y1}C${x1 + 30} ${y1} ${x2 - 30} ${y2} ${x2} ${y2}`}
              />
            );
          })}
        </svg>
        {[...places.values()].map((place) => {
          const node = nodes.get(place.id)!;
          const made = family.edges.find(({ to }) => to === place.id);
          const { x, y } = at(place);
          return (
            <a
              key={place.id}
              class={`node ${place.id === id ? "on" : ""} ${node.kind === "clip" && !node.removed ? "" : "gone"}`}
              {...(node.kind === "clip" && { href: `/song/${place.id}` })}
              aria-current={place.id === id ? "true" : "false"}
              ref={(element) => element?.style.setProperty("transform", `translate(${x}px, ${y}px)`)}
            >
              <span class="trunc">
                <bdi>{node.title ?? (node.kind === "unknown" ? "not in the archive" : "Untitled")}</bdi>
                <small>{[made?.action?.replaceAll("_", " ") ?? "first", node.model].filter(Boolean).join(" · ")}</small>
              </span>
            </a>
          );
        })}
      </div>
      {family.nodes.length > places.size && (
        <p class="q">
          {family.nodes.length - places.size} more are not drawn: `producer-mirror lineage {id.slice(0, 8)}` lists all.
        </p>
      )}
    </div>
  );
}

function sized(element: HTMLElement | null, width: number, height: number): void {
  element?.style.setProperty("width", `${width}px`);
  element?.style.setProperty("height", `${height}px`);
}

/** A column is the longest way from a root; a row is the next free one, children below their parent. */
function placesOf({ nodes, edges }: Family): Map<string, Placed> {
  const parents = Map.groupBy(edges, ({ to }) => to);
  const children = Map.groupBy(edges, ({ from }) => from);
  const places = new Map<string, Placed>();
  const free: number[] = [];
  const place = (id: string, column: number) => {
    if (places.has(id) || places.size >= MAX_SHOWN) return;
    const row = Math.max(free[column] ?? 0, column > 0 ? 0 : Math.max(0, ...free.map((rows) => rows ?? 0)));
    places.set(id, { id, column, row });
    free[column] = row + 1;
    for (const { to } of children.get(id) ?? []) place(to, column + 1);
  };
  for (const { id } of nodes) if (!parents.has(id)) place(id, 0);
  for (const { id } of nodes) place(id, 0);
  return places;
}

/** Arrows go to the nearest song in that direction. */
function walk(event: KeyboardEvent): void {
  const from = (document.activeElement as HTMLElement | null)?.closest(".node");
  const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
  if (!from || !step) return;
  event.preventDefault();
  const middle = (element: Element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x + width / 2, y + height / 2] as const;
  };
  const [x, y] = middle(from);
  const distances = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(".node[href]")].flatMap(
    (node) => {
      const [dx, dy] = [middle(node)[0] - x, middle(node)[1] - y];
      const along = dx * step[0]! + dy * step[1]!;
      const aside = Math.abs(dx * step[1]!) + Math.abs(dy * step[0]!);
      return along > 4 ? [{ node, distance: along + 2 * aside }] : [];
    },
  );
  distances.toSorted((one, other) => one.distance - other.distance)[0]?.node.focus();
}
