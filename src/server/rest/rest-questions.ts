import { changeArchive } from "../../app/write-archive.ts";
import { MirrorError } from "../../lib/errors.ts";
import type { About } from "../workers/about.ts";
import { render, renderFailure, type AnswerFormat, type Rendered } from "./answer/render.ts";
import type { EndpointInput } from "./endpoint.ts";
import { ENDPOINTS } from "./endpoints/endpoints.ts";
import { pictureOf } from "./files/picture-of.ts";
import { currentLibrary } from "./library/current-library.ts";
import type { SongLibrary } from "./library/library.ts";
import type { Parameters } from "./parameters.ts";
import { RestError, shown } from "./rest-error.ts";

/** One call, which may come in. */
export type RestCall = { name: string; parameters: Parameters; user: string; format: AnswerFormat };

/** What workers answer to players. */
export const REST_QUESTIONS = {
  rest: (about: About, { name, parameters, user, format }: RestCall): Rendered => {
    try {
      const endpoint = ENDPOINTS[name];
      if (!endpoint) throw new RestError("generic", `this server has no "${shown(name)}"`);
      return render(format, endpoint(asking(about, parameters, user)));
    } catch (error) {
      if (error instanceof RestError) return renderFailure(format, error);
      if (error instanceof MirrorError) return renderFailure(format, new RestError("generic", error.message));
      throw error;
    }
  },
  /** The clip of a song. */
  restSong: (about: About, { id }: { id: string }): string | null => {
    const { songsById } = currentLibrary(about);
    return songsById.get(id)?.clipId ?? null;
  },
  /** A clip with the picture of anything that has one. */
  restPicture: (about: About, { id }: { id: string }): string | null => pictureOf(about, id),
};

/** The library is read when an endpoint looks at it, once for a call. */
function asking(about: About, parameters: Parameters, user: string): EndpointInput {
  let library: SongLibrary | undefined;
  return {
    db: about.db,
    announce: about.announce,
    parameters,
    user,
    change: (work) => changeArchive(about.config, work),
    get library() {
      return (library ??= currentLibrary(about));
    },
  };
}
