import type { Writer } from "../../app/write-archive.ts";
import type { About } from "../workers/about.ts";
import type { Fields } from "./answer/xml.ts";
import type { SongLibrary } from "./library/library.ts";
import type { Parameters } from "./parameters.ts";

/** What an endpoint works with. */
export type EndpointInput = Pick<About, "db" | "announce"> & {
  library: SongLibrary;
  parameters: Parameters;
  /** Who asks: the name of a key. */
  user: string;
  /** Opens the archive for one short change. */
  change<T>(work: (archive: Writer) => T): T;
};

/** One endpoint: what is answered inside of `subsonic-response`, the same for XML and JSON. Throws RestError. */
export type Endpoint = (asked: EndpointInput) => Fields;
