/**
 * Names that systems, file managers and network stores put into any folder on their own: a folder that holds nothing else
 * is empty to its owner.
 */
const NAMES = new Set([
  "lost+found",
  "desktop.ini",
  "thumbs.db",
  "ehthumbs.db",
  "system volume information",
  "$recycle.bin",
  "recycler",
  ".ds_store",
  ".trashes",
  ".fseventsd",
  ".spotlight-v100",
  ".temporaryitems",
  ".documentrevisions-v100",
  ".apdisk",
  ".volumeicon.icns",
  ".directory",
  "@eadir",
  "#recycle",
  "#snapshot",
  ".snapshot",
  ".snapshots",
  ".stfolder",
  ".nomedia",
  "found.000",
]);

/** Whether a name is one of those; also the notes that macOS keeps beside files (`._x`) and trash folders of Linux. */
export function isSystemName(name: string): boolean {
  return NAMES.has(name.toLowerCase()) || /^(\._|\.trash(-\d+)?$)/i.test(name);
}
