import { signal } from "@preact/signals";

/** Why the service did not answer as asked; `status` 0 when it did not answer at all. */
export class ServiceFailure extends Error {
  readonly status: number;
  readonly hint: string | null;
  constructor(status: number, message: string, hint: string | null = null) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

/** True while the service asks for a key. */
export const needsLogin = signal(false);
/** True while the service cannot be reached. */
export const isUnreachable = signal(false);

type Words = Record<string, string | number | boolean | null | undefined>;

/** Asks the service. Throws ServiceFailure. */
export async function ask<T>(path: string, words: Words = {}, signal?: AbortSignal): Promise<T> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(words))
    if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
  const text = query.toString();
  return send<T>(text ? `${path}?${text}` : path, signal ? { signal } : {});
}

/** Changes something. Throws ServiceFailure. */
export function change<T>(method: "PUT" | "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  return send<T>(path, init);
}

async function send<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(path, init).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    isUnreachable.value = true;
    throw new ServiceFailure(0, "the service cannot be reached", "is it still running on that machine?");
  });
  isUnreachable.value = false;
  if (response.status === 401) needsLogin.value = true;
  const text = await response.text();
  if (response.ok) return (text ? JSON.parse(text) : undefined) as T;
  throw failureOf(response.status, text);
}

function failureOf(status: number, text: string): ServiceFailure {
  try {
    const { error } = JSON.parse(text) as { error: { message: string; hint: string | null } };
    return new ServiceFailure(status, error.message, error.hint);
  } catch {
    return new ServiceFailure(status, `the service answered ${status}`);
  }
}
