import { existsSync } from "node:fs";
import { join } from "node:path";
import type Sqlite from "better-sqlite3";
import type { RecordedRequest } from "../../../src/demo/service/recorded-request.ts";
import { withCopy, type Row } from "../archive-copy.ts";
import { checkDatabase } from "./database.ts";
import { checkFiles } from "./files.ts";
import { checkJournal } from "./journal.ts";
import { checkRequests } from "./requests.ts";

export type Examined = {
  home: string;
  /** `<home>/assets` by default. */
  assets?: string;
  /** What upstream holds for a URL: files must be equal to it, byte for byte. */
  bytesOf?: (url: string) => Buffer | undefined;
  requests?: RecordedRequest[];
  violations?: string[];
  token?: string;
};

/**
 * Everything that is wrong with an archive at rest, one line each. Knows the formats from the contract and shares no
 * code with the program's own verify, so that a bug there cannot hide here.
 */
export function examine(examined: Examined): string[] {
  const { home, assets = join(home, "assets"), violations = [] } = examined;
  const requests = [
    ...violations.map((line) => `violation: ${line}`),
    ...checkRequests(examined.requests ?? [], examined.token),
  ];
  if (!existsSync(join(home, "archive.db"))) return requests;
  const { problems, documents, files } = withCopy(home, read);
  return [
    ...requests,
    ...problems,
    ...checkJournal(home, documents),
    ...checkFiles(home, assets, files, examined.bytesOf),
  ];
}

type Contents = { problems: string[]; documents: Row[]; files: Row[] };

function read(db: Sqlite.Database): Contents {
  try {
    return {
      problems: checkDatabase(db),
      documents: db.prepare("select task_id, kind, sha256, document from task_documents").all() as Row[],
      files: db.prepare("select * from assets").all() as Row[],
    };
  } catch (error) {
    return { problems: [`the database cannot be read: ${String(error)}`], documents: [], files: [] };
  }
}
