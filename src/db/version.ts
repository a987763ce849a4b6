/** Stamped into every archive's header: "PMir". A database without it is not ours. */
export const APPLICATION_ID = 0x504d6972;

/** The number of migrations that this program knows: the `user_version` of an archive that is up to date. */
export const SCHEMA_VERSION = 11;

/**
 * The oldest archive that can be read as it is: since then only the full-text index was made in another way, and tables
 * and columns came (later-tables.ts), which a reader is given.
 */
export const OLDEST_READABLE = 8;

/** The oldest SQLite that is safe with several connections on one WAL (https://sqlite.org/wal.html#walresetbug). */
export const OLDEST_SAFE_SQLITE = "3.51.3";
