import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";

export const HEADERS = {
  accept: "application/json",
  authorization: "Bearer a-token",
  "content-type": "application/json",
};

export type HttpResponse = { status: number; headers: IncomingMessage["headers"]; rawHeaders: string[]; body: Buffer };

type RequestOptions = { method?: string; headers?: Record<string, string>; body?: string; signal?: AbortSignal };

/** One request over node:http, which decodes nothing and follows no redirect. Rejects when the body is cut. */
export function sendRequest(url: string, { body, ...options }: RequestOptions = {}): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { agent: false, ...options }, (response) => {
      const { statusCode = 0, headers, rawHeaders } = response;
      buffer(response).then((bytes) => resolve({ status: statusCode, headers, rawHeaders, body: bytes }), reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** An API request as the documentation shows it. */
export function callApi(
  origin: string,
  query: object,
  headers: Record<string, string> = HEADERS,
): Promise<HttpResponse> {
  return sendRequest(`${origin}/producer/tasks`, { method: "POST", headers, body: JSON.stringify(query) });
}

export type BatchBody = { items: Record<string, unknown>[]; count: number };

export async function fetchBatch(origin: string, query: object): Promise<BatchBody> {
  const { body } = await callApi(origin, { action: "retrieve_batch", ...query });
  return JSON.parse(body.toString("utf8")) as BatchBody;
}

export async function fetchRecord(origin: string, id: string): Promise<Record<string, unknown>> {
  const { body } = await callApi(origin, { action: "retrieve", id });
  return JSON.parse(body.toString("utf8")) as Record<string, unknown>;
}

export type RawResponse = { bytes: Buffer; ended: "end" | "reset" | "silence" };

/** A GET over a socket: all the bytes that came, and how the connection ended. Stops after `patience` ms without any. */
export function requestRaw(url: string, patience = 300): Promise<RawResponse> {
  const { hostname, port, pathname, search } = new URL(url);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    const done = (ended: RawResponse["ended"]) => {
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

/** Head and body of a raw response. */
export function partsOf({ bytes }: RawResponse): { head: string; body: Buffer } {
  const position = bytes.indexOf("\r\n\r\n");
  return { head: bytes.subarray(0, position).toString("latin1"), body: bytes.subarray(position + 4) };
}
