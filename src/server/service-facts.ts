import type { Config } from "../config.ts";
import { listenText } from "../settings.ts";
import { isLoopback } from "./guard/host.ts";
import { keyFilePath } from "./keys/key-file.ts";
import { listKeys } from "./keys/list-keys.ts";

/** What `serve` would start with. `keys` is null where their file cannot be read. */
export function serviceFacts({ home, listen, serveKey }: Config) {
  const facts = { address: listenText(listen), isLoopback: isLoopback(listen), path: keyFilePath(home) };
  try {
    return { ...facts, keys: listKeys(home, serveKey !== undefined).length };
  } catch {
    return { ...facts, keys: null };
  }
}
