import { listTaskIds, type ListedTaskIds, type TaskListingFilter } from "../../query/replay/list-task-ids.ts";
import type { About } from "../workers/about.ts";

type Listing = { filter: TaskListingFilter; page: { limit: number; offset: number } };

/** What takes too long for the main thread. */
export const REPLAY_QUESTIONS = {
  replayList: ({ db }: About, { filter, page }: Listing): ListedTaskIds => listTaskIds(db, filter, page),
};
