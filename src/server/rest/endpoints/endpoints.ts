import type { Endpoint } from "../endpoint.ts";
import { BROWSE } from "./browse.ts";
import { FOLDERS } from "./folders.ts";
import { LISTS } from "./lists.ts";
import { LYRICS } from "./lyrics.ts";
import { MARKS } from "./marks.ts";
import { PLAYLISTS } from "./playlists.ts";
import { SEARCH } from "./search.ts";
import { SYSTEM } from "./system.ts";

/** Every endpoint that answers with data, by its name. */
export const ENDPOINTS: Record<string, Endpoint> = Object.assign(
  Object.create(null) as Record<string, Endpoint>,
  SYSTEM,
  BROWSE,
  FOLDERS,
  LISTS,
  SEARCH,
  LYRICS,
  MARKS,
  PLAYLISTS,
);
