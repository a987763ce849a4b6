import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { isUnreachable, ServiceFailure } from "../state/api.ts";
import { Failure } from "./library-states.tsx";

/** A view whose script is loaded when it is first shown. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Lazy(props: Props) {
    const [failed, setFailed] = useState(false);
    const [, showAgain] = useState(0);
    const isLost = isUnreachable.value;
    const read = () =>
      load().then(
        (view) => {
          loaded = view;
          setFailed(false);
          showAgain((times) => times + 1);
        },
        () => setFailed(true),
      );
    useEffect(() => {
      if (!loaded) void read();
    }, [isLost]);
    const View = loaded;
    if (View) return <View {...props} />;
    return failed ? (
      <Failure failure={UNREACHED} again={() => void read()} />
    ) : (
      <div class="view" role="status" aria-label="Loading" />
    );
  };
}

const UNREACHED = new ServiceFailure(0, "this view could not be loaded", "is the service still running?");
