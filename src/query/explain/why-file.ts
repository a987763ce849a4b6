import type { AssetRow } from "../../db/schema.ts";
import { isoMinute } from "../../lib/time/dates.ts";

/** Sentences that explain why a file is stored or not, and what is tried next. `kinds` are the kinds that are mirrored. */
export function fileSentences(file: AssetRow, kinds: readonly string[]): string[] {
  if (file.removedAt !== null) return [removed(file)];
  if (file.state === "stored") return stored(file);
  const next = kinds.includes(file.kind)
    ? nextTry(file)
    : `Files of this kind are not mirrored (PRODUCER_MIRROR_KINDS is ${kinds.join(",")}), so it is not downloaded.`;
  return [...missingReasons(file), next];
}

function stored({ storedAt, verifiedAt, proof, note, bytes }: AssetRow): string[] {
  const checked = proof ? `, checked by ${proof.split(" ").join(", ")}` : "";
  const verified = verifiedAt === null ? "" : `; last verified at ${isoMinute(verifiedAt)}`;
  const since = storedAt === null ? "Stored" : `Stored since ${isoMinute(storedAt)}`;
  return [`${since}: ${bytes ?? 0} bytes${checked}${verified}.`, ...(note ? [`Note: ${note}.`] : [])];
}

function removed({ removedAt, trashPath }: AssetRow): string {
  const rest = trashPath === null ? "no copy is left" : `it is in the trash as ${trashPath} for 30 days`;
  return `You removed it at ${isoMinute(removedAt)} (\`rm\`): ${rest}, and it is never downloaded again.`;
}

function missingReasons(file: AssetRow): string[] {
  const { lastError, attempts, httpStatus, misses, firstMissAt, path, sha256 } = file;
  const sentences: string[] = [];
  if (path !== null && sha256 !== null) sentences.push("It was stored before, and verify found it missing or damaged.");
  if (lastError?.startsWith("refused: "))
    sentences.push(
      `Nothing is requested from its URL, ${lastError}. To allow a host that you trust, use --asset-hosts.`,
    );
  else if (lastError)
    sentences.push(`${tried(attempts)}; the last error: ${lastError}${statusOf(httpStatus, lastError)}.`);
  else if (httpStatus !== null) sentences.push(`${tried(attempts)}; the last response was HTTP ${httpStatus}.`);
  else sentences.push(attempts === 0 ? "It was not downloaded yet." : `${tried(attempts)}; its URL has changed since.`);
  if (misses > 0)
    sentences.push(
      `Upstream reported ${misses === 1 ? "once" : `${misses} times in a row`} that there is no such file, first at ${isoMinute(firstMissAt)}, with a fresh URL too; the second time, a day or more after the first, makes it gone.`,
    );
  return sentences;
}

function nextTry({ state, nextAttemptAt }: AssetRow): string {
  if (state === "gone") {
    const when = nextAttemptAt === null ? "" : ` at ${isoMinute(nextAttemptAt)}, every 30 days`;
    return `It is gone upstream; it is checked again${when} and by \`sync --refresh\`. \`verify --repair --from <backup>\` restores it from a backup.`;
  }
  const waits = nextAttemptAt === null ? "" : `; \`watch\` not before ${isoMinute(nextAttemptAt)}`;
  return `The next sync tries it${waits}.`;
}

function tried(attempts: number): string {
  return attempts === 0 ? "Never tried" : attempts === 1 ? "Tried once" : `Tried ${attempts} times`;
}

/** Messages about a response name its status; others do not. */
function statusOf(status: number | null, message: string): string {
  return status === null || message.includes(String(status)) ? "" : ` (HTTP ${status})`;
}
