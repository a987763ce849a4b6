import type { ServerResponse } from "node:http";

/** Answers that are still going out, each by the key that let it in. */
export type OpenAnswers = Disposable & { add(name: string, response: ServerResponse): void };

const LOOK_MS = 500;

/** Ends streams and events within a second after their key was removed. `keyOf` is the key of a name now. */
export function watchOpenAnswers(keyOf: (name: string) => string | undefined): OpenAnswers {
  const open = new Map<ServerResponse, { name: string; key: string | undefined }>();
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    for (const [response, { name, key }] of open) if (key !== keyNow(name, keyOf)) response.destroy();
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    add(name, response) {
      if (open.has(response)) return;
      open.set(response, { name, key: keyOf(name) });
      response.once("close", () => {
        open.delete(response);
        if (open.size === 0) stop();
      });
      timer ??= setInterval(look, LOOK_MS).unref();
    },
    [Symbol.dispose]: stop,
  };
}

/** A file of keys that cannot be read proves no key. */
function keyNow(name: string, keyOf: (name: string) => string | undefined): string | undefined {
  try {
    return keyOf(name);
  } catch {
    return undefined;
  }
}
