import { Hono, type Context } from "hono";
import type { Env } from "../env.ts";
import { readPageFiles, type PageFile } from "./page-files.ts";

/** Names that belong to other routes: their unknown paths are answered by an error, never by the page. */
const OTHERS = /^\/(api|rest|media|metrics|producer|key|login|logout|healthz|readyz)(\/|$)/;

const NO_PAGES = `<!doctype html><meta charset="utf-8"><title>producer-mirror</title>
<h1>producer-mirror</h1>
<p>The service runs. Its pages are not built here: run <code>npm run build</code>, then start it again.
<p><a href="/api/status">What is in the archive, as JSON</a>
`;

/**
 * The library's pages. They hold nothing of the archive, so they need no key: what they show comes from `/api`. Every path
 * without a dot that no other route claims is the page, which reads the address itself.
 */
export function pageRoutes(files = readPageFiles()): Hono<Env> {
  const routes = new Hono<Env>();
  routes.get("/assets/:name", (context, next) => {
    const file = files.get(context.req.param("name"));
    return file === undefined ? next() : send(context, file);
  });
  routes.get("*", (context, next) => {
    const { path } = context.req;
    if (OTHERS.test(path) || path.includes(".")) return next();
    const page = files.get("index.html");
    return Promise.resolve(page === undefined ? context.html(NO_PAGES) : send(context, page));
  });
  return routes;
}

function send(context: Context<Env>, { body, gzipped, type, isHashed }: PageFile): Response {
  const isGzip = /\bgzip\b/.test(context.req.header("accept-encoding") ?? "");
  return context.body(new Uint8Array(isGzip ? gzipped : body), 200, {
    "Content-Type": type,
    "Cache-Control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
    Vary: "Accept-Encoding",
    ...(isGzip && { "Content-Encoding": "gzip" }),
  });
}
