import type { Reader } from "../../app/archive.ts";
import type { Config } from "../../config.ts";
import type { ServerEvent } from "../events/event-text.ts";

/** What a question is asked about: the archive of the worker, and the settings without secrets. */
export type About = Reader & {
  config: Config;
  /** Shows an event to every reader of `/api/events`. */
  announce(event: ServerEvent): void;
};
