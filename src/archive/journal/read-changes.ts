type Test = (value: unknown) => boolean;
type Fields = Record<string, Test>;

const isNumber: Test = (value) => Number.isSafeInteger(value);
const isWhole: Test = (value) => isNumber(value) && (value as number) >= 0;
const isNumberOrNull: Test = (value) => value === null || isNumber(value);
const isText: Test = (value) => typeof value === "string";
const isTextOrAbsent: Test = (value) => value === undefined || isText(value);
const isTexts: Test = (value) => Array.isArray(value) && value.every(isText);
const isRating: Test = (value) => isWhole(value) && (value as number) <= 5;
const isSeen: Test = (value) => hasFields(value, { position: isWhole, clipId: isText });
const isEntry: Test = (value) => hasFields(value, { clipId: isText, addedAt: isNumber });
const listOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test);

const MARKS: Fields[] = [
  { starred: (value) => typeof value === "boolean" },
  { playedAt: isNumber },
  { starredAt: isNumberOrNull, rating: isRating, plays: isWhole, lastPlayedAt: isNumberOrNull },
  { rating: isRating },
];

const PLAYLISTS = new Map<unknown, Fields>(
  Object.entries({
    add: { clipIds: isTexts, position: (value) => value === null || isWhole(value) },
    remove: { entries: listOf(isSeen) },
    move: { entry: isSeen, to: isWhole },
    replace: { clipIds: isTexts },
    create: { name: isText, comment: isText, clipIds: isTexts },
    describe: { name: isTextOrAbsent, comment: isTextOrAbsent },
    delete: {},
    restore: { name: isText, comment: isText, createdAt: isNumber, changedAt: isNumber, entries: listOf(isEntry) },
  }),
);

/** Whether a line of the journal can say this of marks. */
export function isMarkChange(value: unknown): boolean {
  return MARKS.some((fields) => hasFields(value, fields));
}

/** Whether it can say this of a playlist. */
export function isPlaylistChange(value: unknown): boolean {
  const fields = hasFields(value, { do: isText }) ? PLAYLISTS.get((value as { do: string }).do) : undefined;
  return fields !== undefined && hasFields(value, fields);
}

function hasFields(value: unknown, fields: Fields): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(fields).every(([name, test]) => test((value as Record<string, unknown>)[name]));
}
