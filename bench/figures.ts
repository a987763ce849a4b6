/** One line of the table. */
export type Figure = {
  name: string;
  ours: string;
  against: string;
  ratio: string;
  target: string;
  /** Null where there is no target, or nothing to measure against. */
  holds: boolean | null;
};

export type Unit = "ms" | "s" | "MB";

/** Ours against a floor or a peer of the same unit (values in ms or MB); at most `most` times it. */
export function ratioFigure(name: string, unit: Unit, ours: number, against: number, most: number | null): Figure {
  const ratio = ours / against;
  return {
    name,
    ours: format(ours, unit),
    against: format(against, unit),
    ratio: ratio.toFixed(2),
    target: most === null ? "" : `<= ${most}`,
    holds: most === null ? null : ratio <= most,
  };
}

/** A value with a bound of its own. */
export function boundFigure(name: string, unit: Unit, ours: number, most: number): Figure {
  return { name, ours: format(ours, unit), against: "", ratio: "", target: `<= ${most} ${unit}`, holds: ours <= most };
}

/** What could not be measured, and why. */
export function absentFigure(name: string, why: string): Figure {
  return { name, ours: "", against: why, ratio: "", target: "", holds: null };
}

export function printFigures(figures: Figure[]): void {
  const rows = [
    ["", "ours", "against", "ratio", "target", ""],
    ...figures.map(({ name, ours, against, ratio, target, holds }) => {
      const verdict = holds === null ? "" : holds ? "holds" : "MISSED";
      return [name, ours, against, ratio, target, verdict];
    }),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows)
    console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ")}`.trimEnd());
}

function format(value: number, unit: Unit): string {
  if (unit === "s") return `${(value / 1000).toFixed(2)} s`;
  return unit === "ms" && value < 10 ? `${value.toFixed(3)} ms` : `${value.toFixed(0)} ${unit}`;
}
