import { Hono } from "hono";
import { UsageError } from "../lib/errors.ts";
import { dataRoutes } from "./archive-data/routes.ts";
import type { Env } from "./env.ts";
import { eventRoutes } from "./events/routes.ts";
import { feedRoutes } from "./feed/routes.ts";
import { failure } from "./failure.ts";
import { requireKey, requireOwnWriter } from "./guard/access.ts";
import { aliveRoutes, readyRoutes } from "./health/routes.ts";
import { loginRoutes } from "./login/routes.ts";
import { metricsRoutes } from "./metrics/routes.ts";
import { pageRoutes } from "./pages/routes.ts";
import { clipMarkRoutes } from "./marks/clip-routes.ts";
import { playlistRoutes } from "./marks/playlist-routes.ts";
import { removeRoutes } from "./marks/remove-routes.ts";
import { mediaRoutes } from "./media/routes.ts";
import { fileSender } from "./media/send-file.ts";
import { thumbnailMaker } from "./media/thumbnails/thumbnails.ts";
import type { Passer } from "./pass-on/passer.ts";
import { replayRoutes } from "./replay/routes.ts";
import { restRoutes } from "./rest/routes.ts";
import { runnerRoutes } from "./runner/routes.ts";
import type { ServerContext } from "./server-context.ts";

/** All routes. Routes before `requireKey` are open to everybody who reaches the server. */
export function createApp(context: ServerContext, needsKey: boolean, passer: Passer | undefined): Hono<Env> {
  const app = new Hono<Env>();
  app.onError((error, request) => failure(request, error));
  app.notFound((request) =>
    failure(request, new UsageError(`there is nothing at ${request.req.path.slice(0, 200)}`, { code: "not_found" })),
  );
  const sendFile = fileSender(context);
  const thumbnails = thumbnailMaker(context);
  app.route("/", aliveRoutes(context));
  app.route("/", loginRoutes(context));
  // It asks for a key in its own way, always.
  app.route("/rest", restRoutes(context, sendFile, thumbnails));
  app.route("/", pageRoutes());
  app.use(requireKey(context, needsKey));
  app.route("/", readyRoutes(context));
  app.route("/", metricsRoutes(context));
  app.route("/", feedRoutes(context));
  app.use("/api/*", requireOwnWriter);
  app.route("/api", eventRoutes(context));
  app.route("/api", runnerRoutes(context));
  app.route("/api/clips", clipMarkRoutes(context));
  app.route("/api", removeRoutes(context));
  app.route("/api/playlists", playlistRoutes(context));
  app.route("/api", dataRoutes(context));
  app.route("/media", mediaRoutes(context, sendFile, thumbnails));
  app.route("/producer", replayRoutes(context, passer));
  return app;
}
