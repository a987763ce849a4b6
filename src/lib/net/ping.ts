import { request } from "undici";

/** Asks an address (GET) and returns why that failed; undefined when the answer was 2xx. The body is not read. */
export async function ping(url: string, timeoutMs: number): Promise<string | undefined> {
  try {
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(timeoutMs) });
    await body.dump();
    return statusCode >= 200 && statusCode < 300 ? undefined : `answered ${statusCode}`;
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    return name === "TimeoutError" ? `did not answer within ${timeoutMs / 1000} s` : (code ?? message);
  }
}
