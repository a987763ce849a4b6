import type { IncomingMessage, ServerResponse } from "node:http";
import type { Batch } from "./api-routes.ts";
import type { StoredObject } from "./bucket-object.ts";
import type { RequestedRange } from "../../lib/net/range.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import type { Reply } from "./reply.ts";

/** What goes wrong with one request. Every field may be left out; without any, the service behaves as documented. */
export type Mishap = {
  /** Milliseconds to wait before replying. */
  delay?: number;
  /** Sent instead of the correct reply. */
  reply?: Reply;
  /** Changes the items of a batch before they are joined. */
  changeBatch?(batch: Batch): Batch;
  /** Selects another version of a file, with other bytes; "" is the usual one. */
  version?: string;
  /** Changes a file as the bucket stores it. */
  changeObject?(object: StoredObject): StoredObject;
  /** Changes which part of a file of `size` bytes is sent. */
  changeRange?(range: RequestedRange, size: number): RequestedRange;
  /** Changes the correct reply of the API, or the one for a file that exists. */
  changeReply?(reply: Reply): Reply;
  /** Sends the reply in a way of its own. */
  send?(exchange: Exchange): Promise<void>;
};

/** A request that waits for its reply. */
export type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  reply: Reply;
  /** Aborts when the service is closed. */
  signal: AbortSignal;
};

/** Decides what goes wrong with a request. It is called once for each request, in the order of their arrival. */
export type MishapRule = (request: RecordedRequest, response: ServerResponse) => Mishap;

/** The rule of a service that never fails. */
export const noMishaps: MishapRule = () => ({});
