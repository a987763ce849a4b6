import { TIME } from "../../parts/times.ts";
import type { SavedVersion } from "./shown.ts";

/** The saved versions of a record, the newest first, and what differs. */
export function Versions({ versions }: { versions: SavedVersion[] }) {
  return (
    <ol class="versions">
      {versions.toReversed().map(({ version, fetchedAt, differences }) => (
        <li key={version}>
          <b>Version {version}</b> <span class="q">{fetchedAt && TIME.format(new Date(fetchedAt))}</span>
          {differences.slice(0, 12).map(({ path, ...sides }) => (
            <p key={path} class="mono">
              {path}: <del>{short(sides.old)}</del> <ins>{short(sides.new)}</ins>
            </p>
          ))}
        </li>
      ))}
    </ol>
  );
}

function short(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
