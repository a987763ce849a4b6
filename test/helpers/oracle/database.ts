import type Sqlite from "better-sqlite3";
import type { Row } from "../archive-copy.ts";
import { sha256 } from "../folder-tree.ts";

/** "PMir", as the contract stamps every archive. */
const APPLICATION_ID = 0x504d6972;
const URL_FIELDS = ["audio_url", "image_url", "video_url", "file_url", "stems_url"];

type Part = Record<string, unknown>;

/** Is the database whole, is it ours, does every record fit its text, and is each record there with all that it brings? */
export function checkDatabase(db: Sqlite.Database): string[] {
  const integrity = db.pragma("integrity_check", { simple: true });
  if (integrity !== "ok") return [`integrity_check: ${String(integrity)}`];
  const broken = db.pragma("foreign_key_check") as unknown[];
  const id = db.pragma("application_id", { simple: true });
  const version = Number(db.pragma("user_version", { simple: true }));
  return [
    ...(broken.length > 0 ? [`foreign_key_check: ${JSON.stringify(broken[0])}`] : []),
    ...(id === APPLICATION_ID ? [] : [`application_id is ${String(id)}`]),
    ...(version > 0 ? [] : ["user_version is 0"]),
    ...checkDocuments(db),
    ...checkTracking(db),
    ...checkFullText(db),
  ];
}

function checkDocuments(db: Sqlite.Database): string[] {
  const documents = db.prepare("select * from task_documents").all() as Row[];
  const wrong = documents.filter(({ document, sha256: digest }) => sha256(String(document)) !== digest);
  const bare = db
    .prepare(
      "select id from tasks where not exists (select 1 from task_documents where task_id = id and version = document_version)",
    )
    .all() as Row[];
  const current = db
    .prepare(
      "select t.id, t.state, d.document from tasks t join task_documents d on d.task_id = t.id and d.version = t.document_version",
    )
    .all() as Row[];
  return [
    ...wrong.map((row) => `document ${row["version"]} of task ${row["task_id"]} does not fit its sha256`),
    ...bare.map((row) => `task ${row["id"]} has no document of its version`),
    ...current.filter((row) => row["state"] !== "pending").flatMap((row) => checkTask(db, row)),
  ];
}

/** All clips and all files that the text of a settled record names have their rows. */
function checkTask(db: Sqlite.Database, { id, document }: Row): string[] {
  const { response } = JSON.parse(String(document)) as { response?: { data?: unknown } | null };
  const data = response?.data;
  const songs = Array.isArray(data) ? (data as Part[]) : [];
  const appearances = db.prepare("select count(*) from task_clips where task_id = ?").pluck().get(id) as number;
  const known = db.prepare(
    "select 1 from assets where url = ? and task_id = ? union select 1 from assets a join clips c on c.id = a.clip_id where c.id = ? and a.kind = ?",
  );
  const kindOf = (field: string) => (field === "file_url" ? "wav" : field.replace("_url", ""));
  const parts = Array.isArray(data) ? songs : data ? [data as Part] : [];
  const lost = parts.flatMap((part) =>
    URL_FIELDS.filter((field) => part[field] && !known.get(part[field], id, part["id"] ?? "", kindOf(field))),
  );
  return [
    ...(appearances >= songs.length ? [] : [`task ${id} has ${appearances} of ${songs.length} clips`]),
    ...lost.map((field) => `task ${id} has no row for a file of its record (${field})`),
  ];
}

function checkTracking(db: Sqlite.Database): string[] {
  const lost = db
    .prepare("select t.id from tasks t left join tracked_tasks k on k.task_id = t.id where k.task_id is null")
    .all() as Row[];
  const unlike = db
    .prepare(
      "select t.id, t.state, k.state as reported from tasks t join tracked_tasks k on k.task_id = t.id where k.state <> t.state",
    )
    .all() as Row[];
  return [
    ...lost.map((row) => `task ${row["id"]} is mirrored but was never tracked`),
    ...unlike.map((row) => `task ${row["id"]} is ${row["state"]}, tracking says ${row["reported"]}`),
  ];
}

/** The index holds exactly the rows of the clips. https://sqlite.org/fts5.html#the_integrity_check_command */
function checkFullText(db: Sqlite.Database): string[] {
  const tables = db
    .prepare("select name from sqlite_schema where sql like 'create virtual table%fts5%'")
    .pluck()
    .all() as string[];
  return tables.flatMap((name) => {
    try {
      db.exec(`insert into "${name}"("${name}") values ('integrity-check')`);
      return [];
    } catch (error) {
      return [`full text: ${String(error)}`];
    }
  });
}
