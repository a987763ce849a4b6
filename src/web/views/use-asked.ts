import { useEffect, useState } from "preact/hooks";
import { isUnreachable, type ServiceFailure } from "../state/api.ts";

/**
 * What `read` answers, read again when `deps` change and when the service is back after it was away. What was read stays
 * until the next answer.
 */
export function useAsked<T>(
  read: (signal: AbortSignal) => Promise<T>,
  deps: unknown[],
): { found: T | undefined; failure: ServiceFailure | undefined; again: () => void } {
  const [found, setFound] = useState<T>();
  const [failure, setFailure] = useState<ServiceFailure>();
  const [times, setTimes] = useState(0);
  const isLost = isUnreachable.value;
  useEffect(() => {
    if (isLost && found !== undefined) return undefined;
    const stop = new AbortController();
    read(stop.signal).then(
      (answer) => {
        if (stop.signal.aborted) return;
        setFound(answer);
        setFailure(undefined);
      },
      (error: ServiceFailure) => !stop.signal.aborted && setFailure(error),
    );
    return () => stop.abort();
  }, [...deps, times, isLost]);
  return { found, failure, again: () => setTimes((before) => before + 1) };
}
