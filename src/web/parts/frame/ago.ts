const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** `4 minutes ago`, by this browser's clock; a moment ahead of it is now. */
export function ago(at: string): string {
  const seconds = Math.max(0, (Date.now() - Date.parse(at)) / 1000);
  const [unit, length] = UNITS.find(([, one]) => seconds >= one) ?? ["minute", 60];
  if (seconds < 60) return "just now";
  const number = Math.floor(seconds / length);
  const short = { day: number === 1 ? "day" : "days", hour: "h", minute: "min" }[unit];
  return `${number} ${short} ago`;
}
