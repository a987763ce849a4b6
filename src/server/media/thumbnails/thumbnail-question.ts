import crypto from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { safeParts } from "../../../assets/store/files.ts";
import type { About } from "../../workers/about.ts";
import { keepThumbnail, type ThumbnailKey } from "./kept-thumbnails.ts";

export type ThumbnailInput = ThumbnailKey & { path: string };

/** Makes a thumbnail of a stored picture and keeps it; null when the picture is to be sent as it is. In base 64. */
export async function thumbnailOf(
  { assetsRoot, config: { home } }: About,
  { path, sha256, size }: ThumbnailInput,
): Promise<string | null> {
  const bytes = await readFile(join(assetsRoot, ...safeParts(path)));
  // What is lost or damaged is for the sender of the picture itself to say.
  if (crypto.hash("sha256", bytes) !== sha256) return null;
  const { makeThumbnail } = await import("./make-thumbnail.ts");
  const made = await makeThumbnail(bytes, size);
  if (made) await keepThumbnail(home, { sha256, size }, made);
  return made && made.toString("base64");
}
