import type { ReceivedRecord } from "../../api/client.ts";
import { checkIds } from "../../record/pick-ids.ts";

/** One page of a listing, evaluated. Times in milliseconds UTC. */
export type ListingPage = {
  /** Task ids of the account, in the order of the response. */
  own: string[];
  /** Records of other accounts, or of none. */
  foreign: number;
  /** Records of the account that are useless: unreadable, or without a valid task id. */
  useless: number;
  oldest: number | null;
  newest: number | null;
  isNewestFirst: boolean;
  /** All records of the response. */
  size: number;
  /** Two pages with the same key hold the same records. */
  key: string;
};

/** Finds the records of `account` in a response. Leaves out those older than `since`, whatever the server sends. */
export function readPage(
  received: ReceivedRecord[],
  { account, since }: { account: string; since?: number | undefined },
): ListingPage {
  const page: ListingPage = {
    own: [],
    foreign: 0,
    useless: 0,
    oldest: null,
    newest: null,
    isNewestFirst: true,
    size: 0,
    key: "",
  };
  const keys: string[] = [];
  for (const { reading } of received) {
    if ("absent" in reading) continue;
    page.size++;
    keys.push(reading.id ?? "?");
    if (!("record" in reading)) page.useless++;
    else if (reading.record.user_id !== account) page.foreign++;
    else addOwn(page, reading.record.id, reading.record.created_at, since);
  }
  return { ...page, key: keys.join(" ") };
}

function addOwn(page: ListingPage, text: string, createdAt: number | null, since: number | undefined): void {
  const [id] = checkIds([text]).ids;
  if (createdAt !== null) {
    page.isNewestFirst &&= page.oldest === null || createdAt <= page.oldest;
    page.oldest = Math.min(page.oldest ?? Infinity, createdAt);
    page.newest = Math.max(page.newest ?? -Infinity, createdAt);
  }
  if (id === undefined) page.useless++;
  else if (since === undefined || createdAt === null || createdAt >= since) page.own.push(id);
}
