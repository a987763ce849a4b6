import type { RecordedRequest } from "../../../src/demo/service/recorded-request.ts";
import { randomOf } from "../random.ts";
import type { Fault, Matcher, Repeat } from "./faults.ts";

/** One step of a rule: a fault, or several that apply to the same request. */
export type FaultStep = Fault | Fault[];
type FaultRule = { match: Matcher; steps: FaultStep[]; repeat: Repeat };
export type RandomRule = { match: Matcher; steps: FaultStep[]; rate: number; seed: number };

/** The faults that are left. A request gets the next fault of the first rule that matches it and has one left. */
export class FaultTable {
  readonly #rules: ((request: RecordedRequest) => FaultStep | undefined)[] = [];
  #left = 0;

  add(rule: FaultRule): void {
    if (rule.steps.length === 0) throw new Error("a fault rule needs at least one fault");
    const used = new Map<string, number>();
    if (rule.repeat === "once") this.#left += rule.steps.length;
    this.#rules.push((request) => {
      if (!matches(rule.match, request)) return undefined;
      const key = rule.repeat === "each" ? request.url : "";
      const index = used.get(key) ?? 0;
      const step = rule.repeat === "forever" ? (rule.steps[index] ?? rule.steps.at(-1)) : rule.steps[index];
      used.set(key, index + 1);
      if (rule.repeat === "once" && step !== undefined) this.#left -= 1;
      return step;
    });
  }

  /** Each matching request gets one of the steps with probability `rate`, the same in every run with this seed. */
  addRandom({ match, steps, rate, seed }: RandomRule): void {
    const random = randomOf(seed);
    this.#rules.push((request) => {
      if (!matches(match, request)) return undefined;
      const [hit, which] = [random() < rate, random()];
      return hit ? steps[Math.floor(which * steps.length)] : undefined;
    });
  }

  take(request: RecordedRequest): Fault[] {
    for (const rule of this.#rules) {
      const step = rule(request);
      if (step !== undefined) return Array.isArray(step) ? step : [step];
    }
    return [];
  }

  /** Faults of `once` rules that have hit no request yet. */
  get left(): number {
    return this.#left;
  }

  clear(): void {
    this.#rules.length = 0;
    this.#left = 0;
  }
}

function matches(match: Matcher, request: RecordedRequest): boolean {
  if (typeof match === "string") return request.server === match;
  if (match instanceof RegExp)
    return request.server === "assets" && new RegExp(match.source, match.flags.replace(/[gy]/g, "")).test(request.url);
  if (typeof match === "function") return match(request);
  return request.server === "api" && request.ids.includes(match.id);
}
