import { retryAfterSeconds } from "../../lib/net/retry-after.ts";
import { whoAnswered } from "../../lib/net/who-answered.ts";
import type { AssetFollowUp } from "../asset-error.ts";
import type { Headers } from "./headers.ts";
import { isOtherVersion, isSameVersion, readFacts, readRange, type Resume } from "./response.ts";

/** What a response brings: the whole file, the rest of it, nothing since the part is complete already, or no bytes of it. */
export type Bytes = "whole" | "rest" | "none left" | "refused";

/**
 * What a response to a request for the whole file (`resume` is null) or for the rest of one brings. The rest only when it
 * begins where the part ends, goes to the end, and is proven to be of the same version and size.
 */
export function bytesOf(status: number, headers: Headers, resume: Resume | null): Bytes {
  if (status === 200 || status === 203) return "whole";
  const { start, end, total } = readRange(headers);
  if (status === 206 && start === 0 && total !== null && end === total - 1) return "whole";
  if (resume === null) return "refused";
  const facts = readFacts(status, headers);
  const known = resume.facts.totalBytes;
  // A part of the full size is one version as a whole. Few servers send a validator with a 416.
  if (status === 416) return total === resume.bytes && !isOtherVersion(facts, resume.facts) ? "none left" : "refused";
  const isRest = status === 206 && start === resume.bytes && end !== null && end + 1 === (total ?? known);
  const isSameSize = known === null || total === null || total === known;
  return isRest && isSameSize && isSameVersion(facts, resume.facts) ? "rest" : "refused";
}

/** What a refusal is about, and what follows from that. */
export type Conclusion =
  /** The request for a part: the whole file is requested at once. */
  | { about: "range" }
  /** What is in front of the host: nothing is known about host and file. */
  | { about: "front"; name: string; followUp: AssetFollowUp }
  /** The address, the file, the host, or this one request. */
  | { about: "address" | "file" | "host" | "request"; followUp: AssetFollowUp };

/** Words by which stores say that an address is no longer valid, or was not signed for what it names. */
const OF_THE_ADDRESS =
  /expired|access ?denied|signature|requesttimetooskewed|authenticationfailed|authorizationqueryparameters|invalid ?(access ?key|token|credential|security|policy)|missing ?(key|auth|security|token)|not (yet )?valid|no longer (valid|available)|unauthori[sz]ed|token (is|has|was)/i;
/** Headers in which stores repeat the code of an error. */
const CODE_HEADERS = ["x-ms-error-code", "x-amz-error-code", "x-error-code", "www-authenticate"];

/**
 * What may be concluded from a response without bytes, by its status, its headers and the beginning of its body, after a
 * request for the whole file or for a part of it:
 *
 * | answer | says something about | what follows |
 * |---|---|---|
 * | to a request for a part: all but a wish to wait and 5xx | that request | the whole file is requested |
 * | a page of Cloudflare, a proxy, a login page | what is in front of the host | nothing more of this file in this run |
 * | 429, 503 with a time | the host | all its requests pause |
 * | 403, 404, 410 | the file, or its address | the task is asked for a fresh address; else a miss |
 * | 401, or a refusal whose words are about the address | the address | the task is asked for a fresh address; no miss |
 * | 5xx, 408, 409, 425, and what is no answer to a GET | this one request | it is sent again |
 * | any other 4xx | this request | it is not sent again in this run |
 */
export function conclude(status: number, headers: Headers, head: string, asked: "whole" | "part"): Conclusion {
  const isPause = status === 429 || (status === 503 && retryAfterSeconds(headers["retry-after"]) !== null);
  const mayPass = status < 400 || status >= 500 || status === 408 || status === 409 || status === 425;
  const isLater = isPause || status === 408 || status === 425 || (status >= 500 && status !== 501);
  if (asked === "part" && !isLater) return { about: "range" };
  if (isPause) return { about: "host", followUp: "pause" };
  const front = whoAnswered({ status, headers, head });
  const isStillThere = status === 511 || !mayPass;
  if (front !== null) return { about: "front", name: front, followUp: isStillThere ? "never" : "retry" };
  if (status === 403 || status === 404 || status === 410) return { about: "file", followUp: "miss" };
  const words = [head, ...CODE_HEADERS.map((name) => String(headers[name] ?? ""))].join(" ");
  const isOfAddress = status === 401 || (status >= 400 && status < 500 && OF_THE_ADDRESS.test(words));
  if (isOfAddress) return { about: "address", followUp: "address" };
  return { about: "request", followUp: mayPass ? "retry" : "never" };
}
