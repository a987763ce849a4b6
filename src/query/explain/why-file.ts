import type { AssetRow } from "../../db/schema.ts";
import { isoMinute } from "../../lib/time/dates.ts";

/** Why one file is or is not here, and what is tried next. `kinds` are the kinds that are mirrored. */
export function fileSentences(file: AssetRow, kinds: readonly string[]): string[] {
  if (file.removedAt !== null) return [removed(file)];
  if (file.state === "stored") return stored(file);
  const next = kinds.includes(file.kind)
    ? nextTry(file)
    : `Files of this kind are not mirrored (PRODUCER_MIRROR_KINDS is ${kinds.join(",")}), so nothing fetches it.`;
  return [...reasons(file), next];
}

function stored({ storedAt, verifiedAt, proof, note, bytes }: AssetRow): string[] {
  const proved = proof ? `, proved by ${proof.split(" ").join(", ")}` : "";
  const read = verifiedAt === null ? "" : `; last found right at ${isoMinute(verifiedAt)}`;
  const since = storedAt === null ? "Stored" : `Stored since ${isoMinute(storedAt)}`;
  return [`${since}: ${bytes ?? 0} bytes${proved}${read}.`, ...(note ? [`A remark: ${note}.`] : [])];
}

function removed({ removedAt, trashPath }: AssetRow): string {
  const place = trashPath === null ? "no file of it is kept" : `it lies in the trash as ${trashPath} for 30 days`;
  return `Taken out by its owner at ${isoMinute(removedAt)} (\`rm\`): ${place}, and it is never fetched again.`;
}

function reasons(file: AssetRow): string[] {
  const { lastError, attempts, httpStatus, misses, firstMissAt, path, sha256 } = file;
  const said: string[] = [];
  if (path !== null && sha256 !== null) said.push("It was stored before, and verify found it lost or damaged.");
  if (lastError?.startsWith("refused: "))
    said.push(`Its address is not asked at all, ${lastError}. A host that you trust is allowed by --asset-hosts.`);
  else if (lastError)
    said.push(`${tried(attempts)}; what went wrong last: ${lastError}${statusOf(httpStatus, lastError)}.`);
  else if (httpStatus !== null) said.push(`${tried(attempts)}; the last answer was HTTP ${httpStatus}.`);
  else said.push(attempts === 0 ? "It was not fetched yet." : `${tried(attempts)}; its address has changed since.`);
  if (misses > 0)
    said.push(
      `Upstream has said ${misses === 1 ? "once" : `${misses} times in a row`} that there is no such file, first at ${isoMinute(firstMissAt)}, also by an address asked for anew; the second time, a day or more after the first, makes it gone.`,
    );
  return said;
}

function nextTry({ state, nextAttemptAt }: AssetRow): string {
  if (state === "gone") {
    const when = nextAttemptAt === null ? "" : ` at ${isoMinute(nextAttemptAt)}, every 30 days`;
    return `It is gone upstream; it is looked for again${when} and by \`sync --refresh\`. \`verify --repair --from <backup>\` brings it back from a backup.`;
  }
  const waits = nextAttemptAt === null ? "" : `; \`watch\` not before ${isoMinute(nextAttemptAt)}`;
  return `The next sync tries it${waits}.`;
}

function tried(attempts: number): string {
  return attempts === 0 ? "Never tried" : attempts === 1 ? "Tried once" : `Tried ${attempts} times`;
}

/** Messages of answers name their status; others do not. */
function statusOf(status: number | null, message: string): string {
  return status === null || message.includes(String(status)) ? "" : ` (HTTP ${status})`;
}
