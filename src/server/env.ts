import type { HttpBindings } from "@hono/node-server";
import type { Credentials } from "./guard/credentials.ts";

/** What hono's context carries here: node's own request and response, and who asks. */
export type Env = { Bindings: HttpBindings; Variables: { credentials: Credentials } };
