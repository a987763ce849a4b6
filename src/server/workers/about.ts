import type { Reader } from "../../app/archive.ts";
import type { Config } from "../../config.ts";

/** What a question is asked about: the archive of the worker, and the settings without secrets. */
export type About = Reader & { config: Config };
