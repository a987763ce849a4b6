import type { AssetKind } from "../../lib/asset-kinds.ts";

/** `preview`: the audio of a task that is still running, with other bytes than the finished song. */
export type ObjectKind = AssetKind | "preview";
export type AssetName = { kind: ObjectKind; id: string };

const BUCKET = "/corpusant-app-public";
const ROUTES: { pattern: RegExp; kind: ObjectKind }[] = [
  { pattern: /^\/corpusant-app-public\/riffs\/[^/]+\/audio\/([^/]+)\.m4a$/, kind: "audio" },
  { pattern: /^\/corpusant-app-public\/riffs\/[^/]+\/image\/([^/]+)\.jpg$/, kind: "image" },
  { pattern: /^\/corpusant-app-public\/riffs\/[^/]+\/stream\/([^/]+)\.m4a$/, kind: "preview" },
  { pattern: /^\/corpusant-app-public\/song-videos\/([^/:]+):[0-9a-f]{64}\.mp4$/, kind: "video" },
  { pattern: /^\/producer\/\d{4}-\d\d-\d\d\/([^/]+)\.wav$/, kind: "wav" },
  { pattern: /^\/producer\/([^/]+)\.zip$/, kind: "stems" },
];

/** What a path of the buckets names, or undefined. */
export function parseAssetPath(path: string): AssetName | undefined {
  for (const { pattern, kind } of ROUTES) {
    const id = pattern.exec(path)?.[1];
    if (id !== undefined) return { kind, id };
  }
  return undefined;
}

/** A URL as the real service makes it, on `base` (an origin without a slash). */
export function assetUrl(
  base: string,
  kind: ObjectKind,
  id: string,
  extra: { author?: string; rest?: string } = {},
): string {
  const riffs = `${base}${BUCKET}/riffs/${extra.author ?? "author"}`;
  switch (kind) {
    case "audio":
      return `${riffs}/audio/${id}.m4a`;
    case "image":
      return `${riffs}/image/${id}.jpg`;
    case "preview":
      return `${riffs}/stream/${id}.m4a`;
    case "video":
      return `${base}${BUCKET}/song-videos/${id}:${extra.rest ?? "0".repeat(64)}.mp4`;
    case "wav":
      return `${base}/producer/${extra.rest ?? "2026-01-01"}/${id}.wav`;
    case "stems":
      return `${base}/producer/${id}.zip`;
  }
}
