import type { ServerResponse } from "node:http";
import { Hono } from "hono";
import { EXIT, MirrorError } from "../../lib/errors.ts";
import type { Env } from "../env.ts";
import { failure } from "../failure.ts";
import type { ServerContext } from "../server-context.ts";
import type { EventLog } from "./event-log.ts";

const MOST_READERS = 50;
/** A comment so often: proxies close what is silent. */
const COMMENT_MS = 15_000;
/** A reader that lets more than this wait is dropped; it comes again and goes on. */
const MOST_WAITING_BYTES = 1_000_000;

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function eventRoutes({ events }: Pick<ServerContext, "events">): Hono<Env> {
  const routes = new Hono<Env>();
  let readers = 0;
  routes.get("/events", (context) => {
    if (context.req.method === "HEAD") return context.body(null, 200, { "Content-Type": "text/event-stream" });
    if (readers >= MOST_READERS) {
      context.header("Retry-After", "10");
      return failure(context, new MirrorError("busy", EXIT.unexpected, "too many readers of events"));
    }
    readers++;
    const { outgoing } = context.env;
    outgoing.once("close", () => readers--);
    stream(outgoing, events, context.req.header("Last-Event-ID"));
    return new Response(null, { headers: { "x-hono-already-sent": "true" } });
  });
  return routes;
}

function stream(response: ServerResponse, events: EventLog, lastId: string | undefined): void {
  response.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    // nginx would keep the events back.
    "X-Accel-Buffering": "no",
  });
  const write = (text: string) => {
    response.write(text);
    if (response.writableLength > MOST_WAITING_BYTES) response.destroy();
  };
  write(`retry: 3000\n\n${events.after(lastId)}`);
  const end = events.listen(write);
  const timer = setInterval(() => write(": \n\n"), COMMENT_MS);
  response.once("close", () => {
    end();
    clearInterval(timer);
  });
}
