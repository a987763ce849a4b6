import { useEffect, useRef, useState } from "preact/hooks";
import { clock } from "../../state/song.ts";
import { peaksOf } from "../../state/peaks.ts";

type Props = {
  id: string;
  /** Seconds. */
  at: number;
  length: number;
  loaded?: number;
  label: string;
  onSeek: (to: number) => void;
  class?: string;
};

const BAR_PX = 3.2;
const STEP_SECONDS = 5;

/** A song as bars on a baseline, drawn once; only the part that is done moves. One seeks by it. */
export function Waveform({ id, at, length, loaded, label, onSeek, class: name = "" }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [bars, setBars] = useState<{ id: string; bars: number[] }>();
  const [width, setWidth] = useState(0);
  useEffect(() => {
    let isWanted = true;
    void peaksOf(id).then((peaks) => isWanted && peaks && setBars({ id, bars: peaks.bars }));
    return () => {
      isWanted = false;
    };
  }, [id]);
  useEffect(() => {
    if (!box.current) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const done = length > 0 ? Math.min(1, at / length) : 0;
  useEffect(() => {
    box.current?.style.setProperty("--p", `${done * 100}%`);
    box.current?.style.setProperty(
      "--l",
      `${length > 0 && loaded !== undefined ? Math.min(1, loaded / length) * 100 : 100}%`,
    );
  }, [done, loaded, length]);
  const path = bars?.id === id && width > 0 ? drawn(bars.bars, Math.floor(width / BAR_PX)) : "";
  const seekAt = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect();
    if (rect && length > 0) onSeek(Math.max(0, Math.min(1, (event.clientX - rect.left) / rect.width)) * length);
  };
  return (
    <div
      ref={box}
      class={`wave ${name}`}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.round(length)}
      aria-valuenow={Math.round(at)}
      aria-valuetext={`${clock(at)} of ${clock(length)}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        seekAt(event);
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && seekAt(event)}
      onKeyDown={(event) => {
        const step = { ArrowRight: STEP_SECONDS, ArrowLeft: -STEP_SECONDS, Home: -Infinity, End: Infinity }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        onSeek(Math.max(0, Math.min(length, at + step)));
      }}
    >
      <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
        <path d={path || "M0 99.5H1000"} />
      </svg>
      <span class="done">
        <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
          <path d={path || "M0 99.5H1000"} />
        </svg>
      </span>
      <span class="loaded" />
      <span class="head" />
    </div>
  );
}

function drawn(bars: number[], wanted: number): string {
  const highest = Math.max(...bars, 0.01);
  const step = 1000 / Math.max(1, wanted);
  return Array.from({ length: wanted }, (_, at) => {
    const from = Math.floor((at * bars.length) / wanted);
    const to = Math.max(from + 1, Math.floor(((at + 1) * bars.length) / wanted));
    const height = Math.max(3, (Math.max(...bars.slice(from, to)) / highest) * 100);
    return `M${((at + 0.5) * step).toFixed(1)} 100V${(100 - height).toFixed(1)}`;
  }).join("");
}
