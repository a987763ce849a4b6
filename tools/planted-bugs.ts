/** A bug as a patch of the source, and the tests of which at least one must fail with it. */
export type PlantedBug = {
  name: string;
  /** File, what is there once, what is put in its place. */
  patches: [file: string, find: string, put: string][];
  /** Test files, and a pattern of titles where one file holds many. */
  tests: string[];
  titles?: string;
};

const PUT = "src/assets/store/put.ts";
const RENAME = "    await rename(from, to);";
const ORDER = ["test/deep/calls/call-order.test.ts"];

/** Mistakes that a mirror can make, each of them made by some. */
export const PLANTED_BUGS: PlantedBug[] = [
  {
    name: "row before rename",
    patches: [[PUT, RENAME, "    setTimeout(() => void rename(from, to).catch(() => undefined), 50);"]],
    tests: ORDER,
  },
  {
    name: "write in place",
    patches: [
      [PUT, RENAME, "    await copyFile(from, to);\n    await rm(from);"],
      [PUT, 'import { rename } from "node:fs/promises"', 'import { copyFile, rm } from "node:fs/promises"'],
    ],
    tests: ORDER,
  },
  {
    name: "no fsync",
    patches: [["src/assets/download/part-file.ts", "    await this.#guard(() => this.#file!.sync());\n", ""]],
    tests: ORDER,
  },
  {
    name: "no fsync of the folder",
    patches: [[PUT, '    await flushFolder(join(to, ".."));\n', ""]],
    tests: ORDER,
  },
  {
    name: "Content-Length unchecked",
    patches: [
      ["src/assets/download/check-bytes.ts", "total !== null && bytes !== total", "total !== null && bytes < 0"],
    ],
    tests: ["test/assets/download/check-bytes.test.ts"],
  },
  {
    name: "no box walk",
    patches: [
      [
        "src/assets/inspect/inspect.ts",
        "    get problem() {\n      return problem;",
        "    get problem() {\n      return type === null ? problem : null;",
      ],
      ["src/assets/inspect/inspect.ts", "return found === undefined || type === null", "return type === null"],
      [
        "src/assets/inspect/inspect.ts",
        "{ ok: true, type, ...found }",
        "{ ok: true, type, ...(found ?? { durationSeconds: null, note: null }) }",
      ],
    ],
    tests: ["test/assets/inspect/inspect.test.ts"],
  },
  {
    name: "HTML accepted",
    patches: [
      [
        "src/assets/download/check-bytes.ts",
        "if (problem !== null && (type",
        'if (problem !== null && !problem.includes("HTML") && (type',
      ],
      [
        "src/assets/download/check-bytes.ts",
        "const { type } = inspection;",
        'const { type } = { ...inspection, type: inspection.type ?? "mp4" } as const;',
      ],
      ["src/assets/download/check-bytes.ts", "(!inspection.ok && proof === null && mismatch === null)", "false"],
    ],
    tests: ["test/assets/download/download.test.ts"],
    titles: "E70",
  },
  {
    name: "state needs success === true",
    patches: [
      [
        "src/record/state.ts",
        '    return lack ? classification("partial", lack)',
        '    if (response.success !== true) return classification("pending", "not_finished");\n    return lack ? classification("partial", lack)',
      ],
    ],
    tests: ["test/record/state.test.ts"],
  },
  {
    name: "download while pending",
    patches: [["src/record/map.ts", 'const settled = classification.state !== "pending";', "const settled = true;"]],
    tests: ["test/record/state.test.ts", "test/e2e/api-answers.test.ts"],
    titles: "D53",
  },
  {
    name: "delete what is missing upstream",
    patches: [
      [
        "src/archive/bookkeeping.ts",
        "    for (const id of ids) update.run({ id });\n  });\n}\n\n/** Records why",
        '    for (const id of ids) update.run({ id });\n    for (const id of ids) db.$client.prepare("delete from assets where task_id = ?").run(id);\n  });\n}\n\n/** Records why',
      ],
    ],
    tests: ["test/e2e/api-answers.test.ts"],
    titles: "D51",
  },
  {
    name: "null overwrites",
    patches: [["src/record/merge.ts", "return isEmpty(next) ? (current ?? next) : next;", "return next;"]],
    tests: ["test/archive/never-back.test.ts"],
  },
  {
    name: "retry without a cap",
    patches: [
      [
        "src/lib/net/backoff.ts",
        "attempt + 1 >= tries || spent >= FREE_RETRIES + requests * perRequest",
        "attempt > 1000",
      ],
    ],
    tests: ["test/api/retry.test.ts"],
    titles: "D45",
  },
  {
    name: "Retry-After ignored",
    patches: [
      [
        "src/lib/net/backoff.ts",
        "return retryAfterSeconds === null ? fullJitterMs",
        "return attempt >= 0 ? fullJitterMs",
      ],
      ["src/lib/net/backoff.ts", ": retryAfterSeconds * 1000", ": (retryAfterSeconds ?? 0) * 1000"],
    ],
    tests: ["test/api/retry.test.ts", "test/e2e/api-faults.test.ts"],
    titles: "D44",
  },
  {
    name: "no lock",
    patches: [["src/db/hold-file.ts", 'begin exclusive");', 'begin");']],
    tests: ["test/db/lock.test.ts"],
  },
  {
    name: "authorization on the GET of a file",
    patches: [
      [
        "src/assets/download/request.ts",
        '        accept: "*/*",',
        '        accept: "*/*",\n        authorization: "Bearer x",',
      ],
    ],
    tests: ["test/assets/download/download.test.ts"],
    titles: "F92",
  },
  {
    name: "redirect followed unchecked",
    patches: [
      [
        "src/assets/download/request.ts",
        "return checkAssetUrl(location, assetHosts, from);",
        "return new URL(location, from);",
      ],
    ],
    tests: ["test/assets/download/download.test.ts"],
    titles: "E83",
  },
  {
    name: "private address allowed through a redirect",
    patches: [
      ["src/lib/net/guarded-agent.ts", "const isOpen = options.mayBePrivate(host, port);", "const isOpen = port > 0;"],
      [
        "src/assets/download/request.ts",
        "return checkAssetUrl(location, assetHosts, from);",
        "return checkAssetUrl(location, [...assetHosts, new URL(location, from).hostname], from);",
      ],
    ],
    tests: ["test/e2e/forbidden-addresses.test.ts", "test/assets/download/ssrf.test.ts"],
    titles: "F8[4-7]",
  },
  {
    name: "id used as a path",
    patches: [
      [
        "src/assets/store/names.ts",
        "  if (id.length <= LONGEST && SAFE_ID.test(id)) return id;",
        "  if (id.length > 0) return id;",
      ],
    ],
    tests: ["test/assets/store/store.test.ts"],
    titles: "F90",
  },
  {
    name: "CSV unescaped",
    patches: [["src/lib/text/csv.ts", "FORMULA.test(text) && !LONG_NUMBER.test(text) ? `'${text}` : text", "text"]],
    tests: ["test/print/output/rows.test.ts"],
  },
  {
    name: "escapes of the data shown",
    patches: [
      [
        "src/lib/text/terminal-safe.ts",
        "  const kept = new Set(",
        "  if (allowed.length < 9) return text;\n  const kept = new Set(",
      ],
    ],
    tests: ["test/lib/text/terminal-safe.test.ts", "test/print/output/output.test.ts"],
  },
  {
    name: "gate of SQL dropped",
    patches: [
      [
        "src/query/sql/gate.ts",
        '  if (sql.includes("\\0"))',
        '  if (sql.length >= 0) return undefined;\n  if (sql.includes("\\0"))',
      ],
      [
        "src/query/sql/gate.ts",
        "  if (!statement.readonly)",
        "  if (statement) return undefined;\n  if (!statement.readonly)",
      ],
    ],
    tests: ["test/query/sql/sql.test.ts"],
    titles: "J120",
  },
  {
    name: "query in the main process",
    patches: [
      [
        "src/query/sql/sql.ts",
        "  const child = start(request);",
        '  const here = new (await import("better-sqlite3")).default(request.path, { readonly: true });\n  for (const row of here.prepare(request.sql).iterate()) void row;\n  here.close();\n  const child = start(request);',
      ],
    ],
    tests: ["test/query/sql/sql.test.ts"],
    titles: "J121",
  },
  {
    name: "backup of 100 pages a step",
    patches: [
      [
        "src/backup/snapshot/snapshot.ts",
        'database.$client.prepare("vacuum into ?").run(to);',
        "await database.$client.backup(to, { progress: () => 100 });",
      ],
    ],
    tests: ["test/deep/long/busy-backup.test.ts"],
  },
  {
    name: "ON DELETE CASCADE",
    patches: [
      [
        "src/db/schema.ts",
        '    /** The clip. */\n    clipId: text("clip_id")\n      .notNull()\n      .references(() => clips.id),\n  },\n  (table) => [primaryKey({ columns: [table.taskId, table.position] })',
        '    /** The clip. */\n    clipId: text("clip_id")\n      .notNull()\n      .references(() => clips.id, { onDelete: "cascade" }),\n  },\n  (table) => [primaryKey({ columns: [table.taskId, table.position] })',
      ],
    ],
    tests: ["test/db/migrate.test.ts"],
    titles: "C40",
  },
  {
    name: "newer schema accepted",
    patches: [["src/db/identify.ts", "  if (version <= SCHEMA_VERSION) return version;", "  if (version > 0) return;"]],
    tests: ["test/db/archive-file.test.ts"],
    titles: "C37",
  },
  {
    name: "missed file counts as answer",
    patches: [
      [
        "src/sync/files/misses.ts",
        "    if (asset.misses === 0) this.#host(asset.url).answers++;",
        "    this.#host(asset.url).answers++;",
      ],
    ],
    tests: ["test/sync/files/misses.test.ts"],
  },
  {
    name: "lost second question counts as not seen",
    patches: [
      [
        "src/sync/tasks/fetch-tasks.ts",
        '    if (error.followUp !== "absent") {',
        '    if (error.followUp !== "absent" && error.status !== null) {',
      ],
    ],
    tests: ["test/sync/tasks/second-question.test.ts"],
  },
  {
    name: "cursors kept when the queue closes",
    patches: [
      [
        "src/sync/files/file-queue.ts",
        "    for (const kind of this.#cursors.keys()) this.#cursors.set(kind, 0);\n",
        "",
      ],
    ],
    tests: ["test/sync/files/file-queue.test.ts"],
  },
  {
    name: "moved URL keeps its misses",
    patches: [["src/archive/statements.ts", "    misses: 0,\n    firstMissAt: null,\n", ""]],
    tests: ["test/archive/asset-rules.test.ts"],
  },
  {
    name: "missing_since moves",
    patches: [["src/archive/bookkeeping.ts", "then coalesce(${trackedTasks.missingSince}, ${now})", "then ${now}"]],
    tests: ["test/archive/bookkeeping.test.ts"],
  },
  {
    name: "files of one size are the same",
    patches: [
      [
        "src/assets/store/put.ts",
        "    if (entry.bytes === part.bytes && (await digestStored(root, path)).sha256 === part.sha256)",
        "    if (entry.bytes === part.bytes)",
      ],
    ],
    tests: ["test/assets/store/store.test.ts"],
  },
  {
    name: "0 and false are no values",
    patches: [
      [
        "src/record/merge.ts",
        '  return value === null || value === undefined || value === "";',
        '  return value === null || value === undefined || value === "" || value === 0 || value === false;',
      ],
    ],
    tests: ["test/record/merge.test.ts"],
  },
  {
    name: "lost songs count as copied",
    patches: [
      [
        "src/query/stats/status.ts",
        "        and (state <> 'stored' or not exists (select 1 from copies where copies.sha256 = assets.sha256 and ${isThere}))`);",
        "        and not exists (select 1 from copies where copies.sha256 = assets.sha256 and ${isThere})`);",
      ],
    ],
    tests: ["test/query/stats/status.test.ts"],
  },
  {
    name: "a clock that jumped makes files gone",
    patches: [["src/sync/files/fetch-due-files.ts", "new Misses(ageByArchive(db))", "new Misses()"]],
    tests: ["test/e2e/clock.test.ts"],
    titles: "28",
  },
  {
    name: "plans by a clock that was ahead are kept",
    patches: [
      ["src/archive/due.ts", "(${at} <= ${now} or ${at} > ${now + longest})", "(${at} <= ${now} or ${longest} < 0)"],
    ],
    tests: ["test/archive/due-too-far.test.ts"],
  },
  {
    name: "no run after a refused one",
    patches: [
      [
        "src/app/runner/refused.ts",
        "  if (count === 0 || until === null || now >= until) return undefined;",
        "  if (count === 0 || until === null) return undefined;",
      ],
    ],
    tests: ["test/e2e/watch-refused.test.ts"],
  },
  {
    name: "stopped verify skips the files in hand",
    patches: [
      [
        "src/verify/walk-files.ts",
        "    after: inProgress.size === 0 ? last : Math.min(last, Math.min(...inProgress) - 1),",
        "    after: last,",
      ],
    ],
    tests: ["test/verify/walk-files.test.ts"],
  },
  {
    name: "lost batches in a row never reset",
    patches: [
      [
        "src/sync/tasks/fetch-tasks.ts",
        "state.lostInARow = answered ? 0 : state.lostInARow + 1;",
        "state.lostInARow += answered ? 0 : 1;",
      ],
    ],
    tests: ["test/sync/tasks/fetch-tasks.test.ts"],
  },
  {
    name: "pause of a host: the shorter wins",
    patches: [
      [
        "src/sync/files/fetch-files.ts",
        "pace.pausedUntil = Math.max(pace.pausedUntil,",
        "pace.pausedUntil = Math.min(pace.pausedUntil,",
      ],
    ],
    tests: ["test/sync/files/fetch-due-files.test.ts"],
  },
  {
    name: "attempts of a file are off by one",
    patches: [
      [
        "src/sync/files/fetch-files.ts",
        "nextAttemptAt(asset.attempts + 1, now())",
        "nextAttemptAt(asset.attempts, now())",
      ],
    ],
    tests: ["test/sync/files/fetch-due-files.test.ts"],
  },
  {
    name: "adopted bytes count as transfer",
    patches: [["src/sync/files/fetch-files.ts", "if (!adopted) tally.assetsBytes", "tally.assetsBytes"]],
    tests: ["test/sync/files/fetch-due-files.test.ts"],
  },
  {
    name: "one file more than the transfer allows",
    patches: [["src/sync/files/fetch-due-files.ts", "tally.assetsBytes < (options", "tally.assetsBytes <= (options"]],
    tests: ["test/sync/files/fetch-due-files.test.ts"],
  },
  {
    name: "Retry-After of 503 pauses one request",
    patches: [
      [
        "src/api/retry.ts",
        'if (followUp === "pause" || retryAfterSeconds !== null) send.pause',
        'if (followUp === "pause") send.pause',
      ],
    ],
    tests: ["test/api/pauses.test.ts"],
  },
  {
    name: "a moved file replaces another",
    patches: [
      [
        "src/assets/store/move-in.ts",
        "if (entry !== null) throw new DiskError",
        'if (entry?.type === "folder") throw new DiskError',
      ],
    ],
    tests: ["test/assets/store/writing.test.ts"],
  },
  {
    name: "a repeated last change is added again",
    patches: [["src/archive/journal/journal.ts", "line.seq > last) yield line", "line.seq >= last) yield line"]],
    tests: ["test/archive/journal/journal.test.ts"],
  },
  {
    name: "any home goes on with an unfinished backup",
    patches: [["src/backup/folder/backup-to-folder.ts", "(one.owner ?? owner) === owner", 'owner !== ""']],
    tests: ["test/backup/folder/shared-folder.test.ts"],
  },
  {
    name: "files read by themselves replace what is here",
    patches: [["src/archive/import-text.ts", "keepsCurrent: !options.explicit", "keepsCurrent: options.explicit"]],
    tests: ["test/archive/lines-of-records.test.ts"],
  },
  {
    name: "the last line of a replay is not saved",
    patches: [["src/archive/replay-journal.ts", "    replay.finish();\n", ""]],
    tests: ["test/archive/replay.test.ts"],
  },
  {
    name: "no Host check",
    patches: [["src/server/guard/admit.ts", "if (!isOwnHost(request, rule))", "if (rule.allowed.length < 0)"]],
    tests: ["test/server/guard/host.test.ts"],
  },
  {
    name: "no Host check by the receiver",
    patches: [["src/server/receive/receiver.ts", "if (isOwnHost(request, rule)) return", "if (rule) return"]],
    tests: ["test/server/receive/receiver.test.ts"],
    titles: "H106",
  },
  {
    name: "webhook body trusted",
    patches: [["src/app/take-callbacks.ts", "isPrimary: false", "isPrimary: true"]],
    tests: ["test/server/receive/receiver.test.ts"],
    titles: "H102: a callback of a known id",
  },
  {
    name: "2xx before commit",
    patches: [
      [
        "src/server/receive/receiver.ts",
        "    const taken = await Promise.race([runner.take(callback), late.promise]);",
        "    end(response, 200);\n    const taken = await Promise.race([runner.take(callback), late.promise]);",
      ],
    ],
    tests: ["test/server/receive/receiver.test.ts"],
    titles: "H108",
  },
  {
    name: "a file is missing without a look at the marker",
    patches: [
      [
        "src/assets/store/store.ts",
        "(await statEntry(base, path)) ?? onOurs(() => statEntry(base, path))",
        "statEntry(base, path)",
      ],
    ],
    tests: ["test/assets/store/store.test.ts", "test/verify/recorded.test.ts"],
    titles: "41, 66|went away",
  },
  {
    name: "stopped verify counts as finished",
    patches: [["src/verify/verify.ts", "if (!signal.aborted && walk.left === 0)", "if (walk.left === 0)"]],
    tests: ["test/verify/recorded.test.ts"],
  },
  {
    name: "verify whose time was up counts as finished",
    patches: [["src/verify/verify.ts", "if (!signal.aborted && walk.left === 0)", "if (!signal.aborted)"]],
    tests: ["test/verify/recorded.test.ts"],
  },
  {
    name: "share of a small archive is none",
    patches: [["src/verify/plan.ts", "Math.ceil((files * percent) / 100)", "Math.floor((files * percent) / 100)"]],
    tests: ["test/verify/recorded.test.ts"],
  },
  {
    name: "copies that a backup lost still count",
    patches: [
      [
        "src/backup/folder/backup-to-folder.ts",
        "    forgetOtherCopies(db, location, new Set(copies.sums.values()));\n",
        "",
      ],
    ],
    tests: ["test/backup/folder/copies.test.ts"],
  },
  {
    name: "list of a backup may be longer than its backup.json",
    patches: [["src/backup/check-backup.ts", "if (files !== info.files &&", "if (files < info.files &&"]],
    tests: ["test/backup/folder/copies.test.ts"],
  },
  {
    name: "list of a backup may be shorter than its backup.json",
    patches: [["src/backup/check-backup.ts", "if (files !== info.files &&", "if (files > info.files &&"]],
    tests: ["test/backup/folder/copies.test.ts"],
  },
  {
    name: "rebuild wants what is gone for good",
    patches: [
      [
        "src/restore/rebuild/take-over.ts",
        "      \"o.state in ('failed', 'gone') and m.state = 'wanted' and o.removed_at is null and m.removed_at is null\",",
        "      \"o.state = 'failed' and m.state = 'wanted' and o.removed_at is null and m.removed_at is null\",",
      ],
    ],
    tests: ["test/restore/rebuild/kept-states.test.ts"],
  },
  {
    name: "trash emptied a day early",
    patches: [["src/remove/trash.ts", "(TRASH_DAYS + 1) * DAY_MS", "TRASH_DAYS * DAY_MS"]],
    tests: ["test/remove/trash.test.ts"],
  },
  {
    name: "duplicate in the trash compared by its size",
    patches: [
      [
        "src/remove/trash.ts",
        "  return (await digestFile(source, signal)).sha256 === (await digestFile(target, signal)).sha256;",
        "  return (await digestFile(source, signal)).bytes === (await digestFile(target, signal)).bytes;",
      ],
    ],
    tests: ["test/remove/trash.test.ts"],
  },
  {
    name: "purge of a file that another clip names",
    patches: [["src/remove/purge-files.ts", "        if (db.get<{ it: number }>(named).it === 1) continue;\n", ""]],
    tests: ["test/remove/purge.test.ts"],
    titles: "another clip names",
  },
];
