import { connect } from "node:net";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";

export const HEADERS = {
  accept: "application/json",
  authorization: "Bearer a-token",
  "content-type": "application/json",
};

export type Answer = { status: number; headers: IncomingMessage["headers"]; rawHeaders: string[]; body: Buffer };

export type Ask = { method?: string; headers?: Record<string, string>; body?: string; signal?: AbortSignal };

/** One request over node:http, which decodes and follows nothing. Rejects when the body is cut. */
export function ask(url: string, { body, ...options }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { agent: false, ...options }, (response) => {
      const { statusCode = 0, headers, rawHeaders } = response;
      buffer(response).then((bytes) => resolve({ status: statusCode, headers, rawHeaders, body: bytes }), reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** A call of the API as the documentation shows it. */
export function askApi(origin: string, query: object, headers: Record<string, string> = HEADERS): Promise<Answer> {
  return ask(`${origin}/producer/tasks`, { method: "POST", headers, body: JSON.stringify(query) });
}

export type Page = { items: Record<string, unknown>[]; count: number };

export async function askBatch(origin: string, query: object): Promise<Page> {
  const { body } = await askApi(origin, { action: "retrieve_batch", ...query });
  return JSON.parse(body.toString("utf8")) as Page;
}

export async function askOne(origin: string, id: string): Promise<Record<string, unknown>> {
  const { body } = await askApi(origin, { action: "retrieve", id });
  return JSON.parse(body.toString("utf8")) as Record<string, unknown>;
}

export type RawAnswer = { bytes: Buffer; ended: "end" | "reset" | "silence" };

/** A GET over a bare socket: all the bytes that came, and how it ended; gives up after `patience` ms without any. */
export function askRaw(url: string, patience = 300): Promise<RawAnswer> {
  const { hostname, port, pathname, search } = new URL(url);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    const done = (ended: RawAnswer["ended"]) => {
      socket.destroy();
      resolve({ bytes: Buffer.concat(chunks), ended });
    };
    socket.setTimeout(patience, () => done("silence"));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("end", () => done("end"));
    socket.on("error", () => done("reset"));
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  });
}

/** Head and body of a raw answer. */
export function partsOf({ bytes }: RawAnswer): { head: string; body: Buffer } {
  const place = bytes.indexOf("\r\n\r\n");
  return { head: bytes.subarray(0, place).toString("latin1"), body: bytes.subarray(place + 4) };
}
