import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { MirrorError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import type { Env } from "../env.ts";
import type { SendFile } from "../media/send-file.ts";
import type { Thumbnails } from "../media/thumbnails/thumbnails.ts";
import type { ServerContext } from "../server-context.ts";
import { readFormat, render, renderFailure, type AnswerFormat, type Rendered } from "./answer/render.ts";
import { EXTENSIONS } from "./extensions.ts";
import { fileEndpoints } from "./files/file-endpoints.ts";
import { login } from "./login.ts";
import { toParameters, type Parameters } from "./parameters.ts";
import { RestError } from "./rest-error.ts";

/** A form may hold the ids of a long playlist. */
const MAX_FORM_BYTES = 1024 * 1024;
const OPEN = "getOpenSubsonicExtensions";

/**
 * OpenSubsonic (https://opensubsonic.netlify.app): `/rest/<name>` or `/rest/<name>.view`, by GET or as a form. Every name is
 * answered in the API's own shape, failures with HTTP 200 as players expect. Data comes from a worker, files from here.
 */
export function restRoutes(context: ServerContext, sendFile: SendFile, thumbnails: Thumbnails): Hono<Env> {
  const routes = new Hono<Env>();
  const files = fileEndpoints(context, sendFile, thumbnails);
  const tooLarge = (hono: Context<Env>) => {
    // The rest of the form is not read, so nothing else can come this way.
    hono.header("Connection", "close");
    return send(hono, renderFailure({ kind: "xml" }, tooLong()));
  };
  routes.use(bodyLimit({ maxSize: MAX_FORM_BYTES, onError: tooLarge }));
  routes.all("*", async (hono) => {
    let format: AnswerFormat = { kind: "xml" };
    try {
      const parameters = await readParameters(hono);
      format = readFormat(parameters);
      const name = nameOf(hono.req.path);
      if (name === OPEN) return send(hono, render(format, EXTENSIONS));
      const found = login(parameters, hono.env.incoming, context.keys);
      if ("error" in found) return refuse(hono, context, format, found);
      context.keys.letIn(found.name, hono.env.outgoing);
      const file = files[name];
      if (file) return await file(hono, parameters);
      const call = { name, parameters, user: found.name, format };
      return send(hono, JSON.parse(await context.workers.ask("rest", call)) as Rendered);
    } catch (error) {
      return send(hono, renderFailure(format, toRestError(error)));
    }
  });
  return routes;
}

/** A wrong key is counted, and too many of them are not even looked at for a minute. */
function refuse(
  hono: Context<Env>,
  { wrongKeys }: ServerContext,
  format: AnswerFormat,
  { error, wrong }: { error: RestError; wrong: boolean },
): Response {
  const address = hono.env.incoming.socket.remoteAddress ?? "";
  if (wrongKeys.isBlocked(address)) {
    const blocked = new RestError("wrongLogin", "too many wrong logins from this address: wait a minute");
    hono.header("Retry-After", "60");
    return send(hono, renderFailure(format, blocked), 429);
  }
  if (wrong) wrongKeys.count(address);
  return send(hono, renderFailure(format, error));
}

async function readParameters({ req }: Context<Env>): Promise<Parameters> {
  const inAddress = new URL(req.url).searchParams;
  const isForm =
    req.method === "POST" && /^application\/x-www-form-urlencoded\b/i.test(req.header("Content-Type") ?? "");
  if (["GET", "HEAD", "POST"].includes(req.method))
    return toParameters(inAddress, ...(isForm ? [new URLSearchParams(await req.text())] : []));
  throw new RestError("generic", "only GET and POST are answered");
}

/** What comes after `/rest/`, without `.view`. */
function nameOf(path: string): string {
  return path.replace(/^\/rest\/?/, "").replace(/\.view$/, "");
}

function send(hono: Context<Env>, { type, body }: Rendered, status: 200 | 429 = 200): Response {
  return hono.body(body, status, { "Content-Type": type, "Cache-Control": "no-store" });
}

/** What we did not expect says nothing of its inside. */
function toRestError(thrown: unknown): RestError {
  if (thrown instanceof RestError) return thrown;
  const error = toStorageError(thrown);
  if (!(error instanceof MirrorError) || error.code === "unexpected")
    return new RestError("generic", "an unexpected failure");
  return new RestError(error.code === "file_lost" ? "notFound" : "generic", error.message);
}

function tooLong(): RestError {
  return new RestError("generic", `a form may have ${MAX_FORM_BYTES} bytes`);
}
