import { randomBytes } from "node:crypto";
import { request } from "undici";
import type { Config } from "../../config.ts";
import { listenText } from "../../settings.ts";
import { proofOf } from "./valid-secrets.ts";
import { TEST_HEADER } from "./receiver.ts";

/** Where a test of the address stopped: undefined when the receiver has answered. */
export type Stopped = { message: string; hint: string } | undefined;

const TEST_MS = 10_000;

/** By which the receiver is reached on the machine where it runs. */
export function addressHere({ receiveListen }: Config): string {
  return `http://${listenText(receiveListen)}`;
}

/** Sends a canary that tracks and changes nothing, as the service would send a callback. */
export async function testAddress(address: string, secret: string): Promise<Stopped> {
  const nonce = randomBytes(16).toString("hex");
  const { host } = new URL(address);
  try {
    const { statusCode, headers, body } = await request(`${address}/callbacks/${secret}`, {
      method: "POST",
      headers: { "content-type": "application/json", [TEST_HEADER]: nonce },
      body: JSON.stringify({ task_id: "00000000-0000-4000-8000-000000000000" }),
      signal: AbortSignal.timeout(TEST_MS),
    });
    await body.dump();
    if (headers[TEST_HEADER] === proofOf(secret, nonce)) return undefined;
    return whoAnswered(host, statusCode, headers);
  } catch (error) {
    return whyUnreached(host, error as Error & { code?: string });
  }
}

type Headers = Record<string, string | string[] | undefined>;

function whoAnswered(host: string, status: number, headers: Headers): Stopped {
  const at = `${host} answered ${status}`;
  if (status >= 300 && status < 400)
    return {
      message: `${at}: it redirects`,
      hint: "give the address that it redirects to: a redirect turns POST into GET",
    };
  if (status === 421)
    return {
      message: `${at}: the receiver was reached and does not answer for that host`,
      hint: `set PRODUCER_MIRROR_PUBLIC_URL, or PRODUCER_MIRROR_ALLOWED_HOSTS=${host}, where it runs, and start it again`,
    };
  if (headers["cf-mitigated"] !== undefined || status === 403 || status === 401)
    return {
      message: `${at}: something in front refuses it`,
      hint: "no login, no bot check and no challenge may be there",
    };
  if (status === 404 || status === 405)
    return {
      message: `${at}: what answers there is not this receiver, or the path is changed on the way`,
      hint: "the path /callbacks/… must arrive as it is, at the receiver's own port, of the archive whose secret this is",
    };
  if (status >= 500)
    return {
      message: `${at}: the way ends before the receiver`,
      hint: "is it running, and is its port the one of the tunnel or proxy?",
    };
  return { message: `${at}, and it is not this receiver`, hint: "point the tunnel or proxy at the receiver's port" };
}

function whyUnreached(host: string, { name, code = "", message }: Error & { code?: string }): Stopped {
  if (name === "TimeoutError") return { message: `${host} did not answer within 10 s`, hint: "is the tunnel running?" };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return {
      message: `${host}: its name cannot be looked up`,
      hint: "check the public URL; a quick tunnel has a new name each time",
    };
  if (code === "ECONNREFUSED") return { message: `${host}: nothing listens there`, hint: "start it first" };
  if (/CERT|SELF_SIGNED|TLS|ALTNAME/.test(code))
    return { message: `${host}: its certificate is not valid (${code})`, hint: "the service would refuse it too" };
  return { message: `${host} cannot be reached: ${code || message}`, hint: "check the public URL and the network" };
}
