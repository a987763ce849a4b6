import { expect, test } from "vitest";
import { pickIds } from "../../src/record/pick-ids.ts";
import { LOG_FORMS } from "./log-forms.ts";

const uuid = (name: string) =>
  `${name.startsWith("T") ? "aaaaaaaa" : "dddddddd"}-10f2-4e2b-b500-66ec27fe82a${name.slice(1)}`;
const withIds = (text: string) => text.replaceAll(/(?:(?<![A-Za-z0-9])|(?<=\[[\d;]*m))[TX][1-9](?![A-Za-z0-9])/g, uuid);
/** Task 1 in colours, as the system's log gives it. */
const BYTES = JSON.stringify([...Buffer.from(`\u001b[32m${uuid("T1")}\u001b[0m created`)]);

test.each(LOG_FORMS)("the task ids of $form, and none of the others", ({ text, wanted, left = [] }) => {
  const picked = pickIds(withIds(text).replace('"BYTES"', BYTES));
  expect(picked.ids.toSorted()).toEqual(wanted.split(" ").filter(Boolean).map(uuid));
  expect(picked.leftAlone.map(({ key }) => key)).toEqual(expect.arrayContaining(left));
  expect(picked.rejected).toEqual([]);
});
