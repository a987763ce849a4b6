/** A record as the API sends it: known fields here, anything else allowed. */
export type TaskRecord = { id: string; created_at: number; [field: string]: unknown };

/** JSON text as it is to be sent, an object, or what depends on how often the id was asked for before (0, 1, 2 …). */
export type RecordValue = string | object | ((asked: number) => string | object);

/** What a Producer account holds. Nothing is made before it is asked for. */
export type Library = {
  size: number;
  id(n: number): string;
  value(n: number): RecordValue;
  /** Ids that a person has noted down and the service does not know. */
  unknownIds: readonly string[];
};

/** Every id that a person would track, the unknown ones last. */
export function taskIds(library: Library): string[] {
  return [...Array.from({ length: library.size }, (_, n) => library.id(n)), ...library.unknownIds];
}
