const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
const OLD_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

/** `Saturday 14 November` in this year, `14 November 2024` in others. */
export function dayName(key: string | null): string {
  if (key === null) return "Without a date";
  if (key === "") return "";
  if (key.length === 4) return key;
  if (key.length === 7) return monthName(key);
  const isThisYear = key.startsWith(String(new Date().getFullYear()));
  return (isThisYear ? DAY : OLD_DAY).format(new Date(`${key}T00:00:00Z`)).replace(",", "");
}

export function monthName(key: string | null): string {
  return key ? MONTH.format(new Date(`${key.slice(0, 7).padEnd(7, "-01")}-01T00:00:00Z`)) : "Without a date";
}
