import type { CommandEntry } from "./command.ts";

/** Every command there is, in the order of the help; each file is loaded only when its command runs. */
export const COMMANDS: CommandEntry[] = [
  { name: "track", summary: "add task ids", load: async () => (await import("./commands/track.ts")).command },
  {
    name: "untrack",
    summary: "stop asking for ids; what is mirrored stays",
    load: async () => (await import("./commands/untrack.ts")).command,
  },
  {
    name: "import",
    summary: "take saved JSON into the archive, offline",
    load: async () => (await import("./commands/import.ts")).command,
  },
  {
    name: "discover",
    summary: "experimental: find the account's other tasks and track them",
    load: async () => (await import("./commands/discover.ts")).command,
  },
  {
    name: "sync",
    summary: "one run: ask for the tracked tasks, fetch their files",
    load: async () => (await import("./commands/sync/sync.ts")).command,
  },
  {
    name: "watch",
    summary: "sync on a schedule, until stopped",
    load: async () => (await import("./commands/watch.ts")).command,
  },
  {
    name: "status",
    summary: "what is here, what is missing, what comes next",
    load: async () => (await import("./commands/status.ts")).command,
  },
  { name: "tasks", summary: "list tasks", load: async () => (await import("./commands/tasks.ts")).command },
  {
    name: "clips",
    alias: "ls",
    summary: "list clips",
    load: async () => (await import("./commands/clips.ts")).command,
  },
  { name: "show", summary: "one task or clip, whole", load: async () => (await import("./commands/show.ts")).command },
  {
    name: "why",
    summary: "why a task or clip is in its state",
    load: async () => (await import("./commands/why.ts")).command,
  },
  {
    name: "history",
    summary: "the kept versions of a record, and what differs",
    load: async () => (await import("./commands/history.ts")).command,
  },
  {
    name: "changes",
    summary: "what changed since a run, a date, or a while ago",
    load: async () => (await import("./commands/changes.ts")).command,
  },
  {
    name: "lineage",
    summary: "what a song was made from, and what was made from it",
    load: async () => (await import("./commands/lineage.ts")).command,
  },
  {
    name: "search",
    summary: "full text over title, lyric, prompt and sound",
    load: async () => (await import("./commands/search.ts")).command,
  },
  { name: "tag", summary: "your own tags on clips", load: async () => (await import("./commands/tag.ts")).command },
  { name: "stats", summary: "totals and breakdowns", load: async () => (await import("./commands/stats.ts")).command },
  {
    name: "verify",
    alias: "check",
    summary: "hold the files against the archive",
    load: async () => (await import("./commands/verify/verify.ts")).command,
  },
  {
    name: "backup",
    summary: "a verified copy of everything: a folder, restic or rclone",
    load: async () => (await import("./commands/backup/backup.ts")).command,
  },
  {
    name: "restore",
    summary: "an archive from its backup",
    load: async () => (await import("./commands/restore/restore.ts")).command,
  },
  {
    name: "export",
    summary: "what people, players and other programs read",
    load: async () => (await import("./commands/export/export.ts")).command,
  },
  {
    name: "rm",
    summary: "take songs out: files to the trash, never fetched again",
    load: async () => (await import("./commands/rm.ts")).command,
  },
  {
    name: "rebuild",
    summary: "the database anew from the journal and the files",
    load: async () => (await import("./commands/rebuild.ts")).command,
  },
  {
    name: "sql",
    summary: "read-only SQL over the archive",
    load: async () => (await import("./commands/sql.ts")).command,
  },
  {
    name: "doctor",
    summary: "look at everything a sync depends on, with advice",
    load: async () => (await import("./commands/doctor.ts")).command,
  },
  {
    name: "config",
    summary: "each setting, and where it came from",
    load: async () => (await import("./commands/config.ts")).command,
  },
  {
    name: "completion",
    summary: "what makes bash, zsh or fish complete what is typed",
    load: async () => (await import("./commands/completion.ts")).completionOf(COMMANDS),
  },
  {
    name: "demo",
    summary: "a stand-in Producer and a look around; no token, no network",
    load: async () => (await import("./commands/demo/demo.ts")).command,
  },
];

/** The entry of a name or alias. */
export function findCommand(name: string): CommandEntry | undefined {
  return COMMANDS.find((entry) => entry.name === name || entry.alias === name);
}
