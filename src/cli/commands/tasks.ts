import { openForReading } from "../../app/archive.ts";
import { clockTime } from "../../lib/time/durations.ts";
import { countTasks } from "../../query/filter/task-order.ts";
import { shortId } from "../../query/short-id.ts";
import { pageOfTasks, type TaskListing } from "../../query/lists/tasks.ts";
import { shortTime } from "../../print/views/clip-table.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import {
  addListOptions,
  addFormatOptions,
  addPageOptions,
  readFields,
  readListFilter,
  readFormat,
  type ListOptions,
} from "../options/list-options.ts";
import { printList, printNextCursor } from "../../print/views/print-list.ts";
import type { Listing } from "../../print/output/rows.ts";

const FIELDS = [
  "id",
  "type",
  "title",
  "model",
  "action",
  "state",
  "clips",
  "durationSeconds",
  "createdAt",
  "finishedAt",
  "elapsedSeconds",
  "prompt",
  "errorCode",
  "errorMessage",
  "addedAt",
  "source",
  "untrackedAt",
  "missingSince",
  "lastCheckedAt",
  "nextCheckAt",
  "lastError",
];

/** Columns that a title keeps in 80. */
const TITLE_LEAST = 28;

function listingOf(short: (id: string) => string): Listing<TaskListing> {
  return {
    fields: FIELDS,
    columns: [
      { title: "title", text: (task) => task.title ?? task.prompt ?? "", overflow: "shrink", least: TITLE_LEAST },
      { title: "state", text: (task) => task.shownState },
      { title: "clips", text: (task) => String(task.clips), align: "right", overflow: "drop" },
      {
        title: "created",
        text: (task) => shortTime(task.createdAt),
        short: (task) => task.createdAt?.slice(0, 10) ?? "",
        overflow: "drop",
      },
      { title: "length", text: (task) => clockTime(task.durationSeconds), align: "right", overflow: "drop" },
      { title: "error", text: (task) => task.errorMessage ?? task.lastError ?? "", overflow: "shrink", ifAny: true },
      { title: "action", text: (task) => task.action ?? task.type ?? "", overflow: "drop" },
      { title: "model", text: (task) => task.model ?? "", overflow: "drop" },
      { title: "id", text: (task) => task.id, short: (task) => short(task.id) },
    ],
  };
}

/** Lists tasks: mirrored ones, and those that were only tracked so far. */
export const command: CliCommand<ListOptions> = {
  define(bare) {
    addFormatOptions(addPageOptions(addListOptions(bare)));
    addExitCodes(bare, [0, 2, 4, 7, 9]);
    return addExample(bare, "producer-mirror tasks --state failed --since 2026-11-01");
  },

  async run({ config, output }, _args, options) {
    const format = readFormat(options);
    const fields = readFields(options.fields, FIELDS);
    const filter = readListFilter(options, format);
    using archive = await openForReading(config());
    const page = pageOfTasks(archive.db, filter);
    const total = () => countTasks(archive.db, filter);
    const listing = listingOf((id) => shortId(archive.db, id));
    await printList({ ...page, output, format, home: archive.home, listing, fields, filter, total });
    printNextCursor(output, page, options);
  },
};
