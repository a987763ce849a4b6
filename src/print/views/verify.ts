import { DiskError, EXIT, IntegrityError, MirrorError } from "../../lib/errors.ts";
import type { VerifyEntry, VerifyReport } from "../../verify/report.ts";
import { bytesText, countOf, countText } from "../output/numbers.ts";

/** At most this many extra files are listed; JSON has all of them. */
const EXTRAS_NAMED = 20;

/** `6,290 files checked, all there, 15.2 GB; their bytes were not read (--full does)`, then one line for each problem. */
export function verifyLines(report: VerifyReport, { dryRun = false } = {}): string[] {
  const { missing, corrupt, unreadable, extra, database, quarantinedCleared } = report;
  const hidden = extra.length - EXTRAS_NAMED;
  // A dry run lists what could be repaired, and repairs nothing.
  const repaired = dryRun ? "can be repaired" : "repaired";
  return [
    proof(report),
    ...database.map((line) => `database: ${line}`),
    ...missing.map((entry) => line("missing", entry)),
    ...corrupt.map((entry) => line("damaged", entry)),
    ...unreadable.map((entry) => line("unreadable", entry)),
    ...extra.slice(0, EXTRAS_NAMED).map(({ path }) => `extra: ${path}`),
    ...report.repairs.map((entry) => `${repaired}: ${songOf(entry)}${entry.path} (from ${entry.from})`),
    ...(quarantinedCleared > 0
      ? [
          `${countOf(quarantinedCleared, "quarantined file")} ${dryRun ? "can be removed" : "removed"}: the right bytes are back`,
        ]
      : []),
    ...(report.notRepaired === null ? [] : [`the repair stopped early: ${report.notRepaired}`]),
    ...(hidden > 0 ? [`extra: ${countText(hidden)} more (--json lists all)`] : []),
  ];
}

/** The error that the command ends with; undefined when there is none. */
export function verifyTrouble(report: VerifyReport): MirrorError | undefined {
  const { missing, corrupt, unreadable, database } = report;
  if (database.length > 0) {
    const hint =
      "`producer-mirror rebuild` makes the database again from the journal and the files, and keeps what only the old one has; or `restore` a backup";
    return new IntegrityError(`the database is damaged: ${database[0]}`, { code: "database_damaged", hint });
  }
  if (missing.length + corrupt.length > 0) {
    const what = [
      missing.length > 0 && `${countOf(missing.length, "file")} missing`,
      corrupt.length > 0 && `${countOf(corrupt.length, "file")} damaged`,
    ];
    const hint =
      report.notWritten === null
        ? "`producer-mirror sync` fetches them again; `producer-mirror verify --repair --from <backup>` restores them from a backup"
        : "make the archive writable and verify again; then `producer-mirror sync` fetches them again";
    return new IntegrityError(what.filter(Boolean).join(", "), { code: "files_damaged", hint });
  }
  if (unreadable.length === 0) return outOfTime(report);
  const hint = "check the permissions and the disk; it is unknown whether these files are damaged";
  return new DiskError(`${countOf(unreadable.length, "file")} could not be read: ${unreadable[0]?.reason}`, {
    code: "unreadable",
    hint,
  });
}

function outOfTime({ left }: VerifyReport): MirrorError | undefined {
  if (left === 0) return undefined;
  const hint = "run verify again: it continues here";
  return new MirrorError("out_of_time", EXIT.incomplete, `${countOf(left, "file")} not checked: the time was up`, {
    hint,
  });
}

function proof({ checked, ok, missing, corrupt, unreadable, extra, bytes, mode }: VerifyReport): string {
  const counts: [number, string][] = [
    [missing.length, "missing"],
    [corrupt.length, "damaged"],
    [unreadable.length, "unreadable"],
  ];
  const bad = counts.filter(([count]) => count > 0).map(([count, word]) => `${countText(count)} ${word}`);
  const whole =
    mode === "quick"
      ? "all there"
      : mode === "full"
        ? "every byte as it was stored"
        : "every byte as it was stored, and every file plays";
  const verdict = bad.length === 0 ? whole : `${countText(ok)} ok, ${bad.join(", ")}`;
  const also = extra.length > 0 ? `; ${countOf(extra.length, "extra file")}` : "";
  return `${countOf(checked, "file")} checked, ${verdict}, ${bytesText(bytes)}${mode === "quick" ? "; their bytes were not read (--full does)" : ""}${also}`;
}

function line(word: string, entry: VerifyEntry): string {
  return `${word}: ${songOf(entry)}${entry.path} (${entry.reason})`;
}

function songOf({ kind, clipId, taskId, title }: Pick<VerifyEntry, "kind" | "clipId" | "taskId" | "title">): string {
  const id = clipId ?? taskId;
  return id === null ? "" : `${kind} of ${title ? `"${title}" ` : ""}${id} · `;
}
