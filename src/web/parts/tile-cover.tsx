const SIDE = 4;
const CELL = 25;

/** Truchet tiles: a quarter circle at two corners of each cell, turned by the id's digits. */
export function TileCover({ id }: { id: string }) {
  const digits = Array.from(id.replaceAll(/[^0-9a-f]/g, "").padEnd(20, "5"), (digit) => Number.parseInt(digit, 16));
  const hue = ((digits[0] ?? 0) * 16 + (digits[1] ?? 0)) * 1.4;
  return (
    <svg
      class="cv none"
      viewBox="0 0 100 100"
      aria-hidden="true"
      ref={(svg) => svg?.style.setProperty("--h", String(Math.round(hue)))}
    >
      <rect class="fb" width="100" height="100" />
      <path
        class="ff"
        d={Array.from({ length: SIDE * SIDE }, (_, at) => tile(at, (digits[at + 2] ?? 0) % 2 === 0)).join("")}
      />
    </svg>
  );
}

function tile(at: number, isTurned: boolean): string {
  const [x, y, half] = [(at % SIDE) * CELL, Math.floor(at / SIDE) * CELL, CELL / 2];
  const arc = `a${half} ${half} 0 0`;
  return isTurned
    ? `M${x + half} ${y}${arc} 1 ${-half} ${half}M${x + CELL} ${y + half}${arc} 0 ${-half} ${half}`
    : `M${x + half} ${y}${arc} 0 ${half} ${half}M${x} ${y + half}${arc} 1 ${half} ${half}`;
}
