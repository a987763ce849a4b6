import { dataVersion, songsFingerprint } from "../../../query/lists/song-facts.ts";
import type { About } from "../../workers/about.ts";
import { makeLibrary, type SongLibrary } from "./library.ts";

type Kept = {
  db: About["db"];
  library: SongLibrary;
  dataVersion: number;
  fingerprint: string;
  madeAt: number;
  tookMs: number;
};

/** A library that took longer than this to make is made again at most a tenth of the time. */
const QUICK_MS = 50;
/** A change that the fingerprint does not show is seen after this. */
const OLDEST_MS = 60_000;

let kept: Kept | undefined;

/** The library as it is now; made again when something of it has changed. */
export function currentLibrary({ db }: Pick<About, "db">): SongLibrary {
  const version = dataVersion(db);
  if (kept?.db === db && kept.dataVersion === version) return kept.library;
  const now = performance.now();
  const age = kept?.db === db ? now - kept.madeAt : Number.POSITIVE_INFINITY;
  if (kept && kept.tookMs > QUICK_MS && age < kept.tookMs * 10) return kept.library;
  const fingerprint = songsFingerprint(db);
  if (kept && age < OLDEST_MS && kept.fingerprint === fingerprint) {
    kept.dataVersion = version;
    return kept.library;
  }
  const library = makeLibrary(db);
  kept = { db, library, dataVersion: version, fingerprint, madeAt: now, tookMs: performance.now() - now };
  return library;
}
