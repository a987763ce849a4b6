export const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
export const HOUR = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
