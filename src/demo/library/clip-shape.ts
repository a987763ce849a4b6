import { assetUrl } from "./asset-path.ts";
import { sha256, uuidOf } from "./ids.ts";
import { songOf } from "./media.ts";

export type ClipPlan = {
  id: string;
  /** Origin of the files, without a slash at the end. */
  assetBase: string;
  title: string;
  lyric: string;
  model: string;
  seed: string;
  sound?: string;
  /** Seconds since the epoch. */
  createdAt: number;
};

export type Clip = Record<string, unknown> & { id: string };

const AUTHORS = [uuidOf("upstream account 1"), uuidOf("upstream account 2")];

/** One element of `response.data` as it is when the song is done; the length is that of its file. */
export function finishedClip(plan: ClipPlan): Clip {
  const { id, assetBase } = plan;
  return {
    id,
    title: plan.title,
    image_url: assetUrl(assetBase, "image", id, { author: authorOf(id) }),
    lyric: plan.lyric,
    audio_url: assetUrl(assetBase, "audio", id, { author: authorOf(id) }),
    video_url: null,
    image_id: id,
    topic: null,
    seed: plan.seed,
    sound: plan.sound ?? "",
    created_at: microseconds(plan),
    model: plan.model,
    progress: "100%",
    state: "succeeded",
    duration: songOf(id).duration,
  };
}

/** The same clip while its task runs: its audio is a preview, with other bytes than the finished song. */
export function runningClip(plan: ClipPlan): Clip {
  const preview = assetUrl(plan.assetBase, "preview", plan.id, { author: authorOf(plan.id) });
  return { ...finishedClip(plan), audio_url: preview, progress: "40%", state: "pending", duration: null };
}

/** The upstream account that made the song, which is not the user's. */
export function authorOf(clipId: string): string {
  return AUTHORS[Number.parseInt(sha256(clipId).slice(0, 2), 16) % AUTHORS.length] ?? "";
}

/** As the service writes it: `2025-12-30T18:36:00.994141Z`. */
function microseconds({ createdAt, id }: ClipPlan): string {
  const rest = String(Number.parseInt(sha256(id).slice(0, 4), 16) % 1000).padStart(3, "0");
  return new Date(createdAt * 1000).toISOString().replace("Z", `${rest}Z`);
}
