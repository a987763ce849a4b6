import { errors } from "undici";
import { safeLine } from "../text/terminal-safe.ts";

/**
 * What an error of a look-up, a connection or TLS means, in words that follow "cannot be reached:". The code is named
 * where a person may want to look it up.
 */
export function networkProblem(error: unknown): string {
  const { code, message } = deepest(error) as { code?: string; message?: string };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `its name cannot be looked up (${code})`;
  if (code === "ECONNREFUSED") return "the connection was refused (ECONNREFUSED)";
  if (code === "ENETUNREACH" || code === "EHOSTUNREACH") return `there is no way to it from this network (${code})`;
  if (code === "UND_ERR_CONNECT_TIMEOUT") return safeLine(message ?? code);
  if (/CERT|SELF_SIGNED|TLS|ALTNAME|ERR_SSL/.test(code ?? "")) {
    const portal = "a proxy or the login page of this network may be in between, or this machine's clock is wrong";
    return `its certificate is not valid (${safeLine(code ?? "")}): ${portal}`;
  }
  if (error instanceof errors.SocketError) return "the connection broke";
  return safeLine([code, message].filter(Boolean).join(" ").slice(0, 200));
}

function deepest(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : (error ?? {});
}
