import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { writeSnapshot } from "../../../src/backup/snapshot/snapshot.ts";
import { temporaryArchive, temporaryFolder } from "../../helpers/temporary-archive.ts";

const WRITER = `
  const db = new (require("better-sqlite3"))(process.argv[1], { timeout: 5000 });
  const note = db.prepare("insert into archive_info values (?, ?) on conflict (key) do update set value = excluded.value");
  let count = 0;
  setInterval(() => note.run("busy", String(count++)), 2);
  console.log("ready");
`;

/** A backup in small steps would start over with each write of another program, and never end. */
test("M142: a snapshot of 60 MB beside a program that writes every 2 ms takes less than 10 s and is whole", async () => {
  using archive = temporaryArchive();
  const { $client: client } = archive.db;
  const note = client.prepare("insert into archive_info values (?, ?)");
  client.transaction(() => {
    for (let n = 0; n < 60_000; n++) note.run(`filler ${n}`, "x".repeat(1000));
  })();
  client.pragma("wal_checkpoint(truncate)");
  using folder = temporaryFolder();
  const writer = spawn(process.execPath, ["-e", WRITER, join(archive.home, "archive.db")], {
    cwd: join(import.meta.dirname, "../../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(writer.stdout, "data");
    const count = client.prepare("select cast(value as integer) from archive_info where key = 'busy'").pluck();
    while (Number(count.get() ?? 0) < 10) await sleep(10);
    const target = join(folder.path, "snapshot");
    const work = writeSnapshot({ home: archive.home, now: Date.now, signal: AbortSignal.timeout(20_000) }, target);
    const late = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), 10_000).unref());
    expect(await Promise.race([work, late])).not.toBe("late");
    const copy = new Sqlite(join(target, "archive.db"), { readonly: true });
    expect(copy.pragma("integrity_check", { simple: true })).toBe("ok");
    expect(copy.prepare("select count(*) from archive_info where key like 'filler%'").pluck().get()).toBe(60_000);
    expect(Number(copy.prepare("select value from archive_info where key = 'busy'").pluck().get())).toBeGreaterThan(0);
    copy.close();
    expect(statSync(join(target, "archive.db")).mode & 0o777).toBe(0o600);
  } finally {
    writer.kill("SIGKILL");
    await once(writer, "exit");
  }
});
