import { missing } from "./needs.ts";

/** Before the tests begin: one line that says what the machine lacks, so that a skipped test is no surprise. */
export function setup(): void {
  const lacking = missing();
  if (lacking.length > 0) console.log(`not on this machine, so the tests that need it skip: ${lacking.join(", ")}`);
}
