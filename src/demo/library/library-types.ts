/** A record as the API sends it: known fields here, anything else allowed. */
export type TaskRecord = { id: string; created_at: number; [field: string]: unknown };

/** The JSON text to send, an object, or a function of how often the id was fetched before (0, 1, 2 …). */
export type RecordValue = string | object | ((fetches: number) => string | object);

/** The contents of a Producer account. A record is made when it is requested. */
export type DemoLibrary = {
  size: number;
  id(n: number): string;
  value(n: number): RecordValue;
  /** Ids that a user has and the service does not know. */
  unknownIds: readonly string[];
};

/** Every id that a user would track, the unknown ones last. */
export function taskIds(library: DemoLibrary): string[] {
  return [...Array.from({ length: library.size }, (_, n) => library.id(n)), ...library.unknownIds];
}
