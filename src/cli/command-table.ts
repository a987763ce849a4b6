import type { CommandEntry } from "./command.ts";

/** Every command there is, in the order of the help; each file is loaded only when its command runs. */
export const COMMANDS: CommandEntry[] = [
  { name: "track", summary: "add task ids", load: async () => (await import("./commands/track.ts")).command },
  {
    name: "untrack",
    summary: "stop requesting tasks; what is mirrored stays",
    load: async () => (await import("./commands/untrack.ts")).command,
  },
  {
    name: "import",
    summary: "import saved JSON, without a network",
    load: async () => (await import("./commands/import.ts")).command,
  },
  {
    name: "discover",
    summary: "experimental: find the account's other tasks and track them",
    load: async () => (await import("./commands/discover.ts")).command,
  },
  {
    name: "sync",
    summary: "request the tracked tasks and fetch their files, once",
    load: async () => (await import("./commands/sync/sync.ts")).command,
  },
  {
    name: "watch",
    summary: "sync on a schedule, until stopped",
    load: async () => (await import("./commands/watch/watch.ts")).command,
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
  {
    name: "show",
    summary: "everything about one task or clip",
    load: async () => (await import("./commands/show.ts")).command,
  },
  {
    name: "why",
    summary: "why a task or clip is in its state",
    load: async () => (await import("./commands/why.ts")).command,
  },
  {
    name: "history",
    summary: "the stored versions of a record, and what differs",
    load: async () => (await import("./commands/history.ts")).command,
  },
  {
    name: "changes",
    summary: "what changed since a run, a date, or for a period",
    load: async () => (await import("./commands/changes.ts")).command,
  },
  {
    name: "lineage",
    summary: "what a song was made from, and what was made from it",
    load: async () => (await import("./commands/lineage.ts")).command,
  },
  {
    name: "search",
    summary: "full-text search in title, lyric, prompt and sound",
    load: async () => (await import("./commands/search/search.ts")).command,
  },
  { name: "tag", summary: "your own tags on clips", load: async () => (await import("./commands/tag.ts")).command },
  {
    name: "star",
    summary: "give songs a star of your own",
    load: async () => (await import("./commands/marks/star.ts")).command,
  },
  {
    name: "unstar",
    summary: "take the star from songs",
    load: async () => (await import("./commands/marks/star.ts")).unstar,
  },
  {
    name: "rate",
    summary: "rate songs from 1 to 5",
    load: async () => (await import("./commands/marks/rate.ts")).command,
  },
  {
    name: "playlist",
    summary: "your own playlists: list, show, create, add, remove, move, rename, rm",
    load: async () => (await import("./commands/playlist/playlist.ts")).command,
  },
  { name: "stats", summary: "totals and breakdowns", load: async () => (await import("./commands/stats.ts")).command },
  {
    name: "verify",
    alias: "check",
    summary: "check that every file is there and undamaged",
    load: async () => (await import("./commands/verify/verify.ts")).command,
  },
  {
    name: "backup",
    summary: "copy everything to a folder, restic or rclone, and check it",
    load: async () => (await import("./commands/backup/backup.ts")).command,
  },
  {
    name: "restore",
    summary: "restore an archive from its backup",
    load: async () => (await import("./commands/restore/restore.ts")).command,
  },
  {
    name: "export",
    summary: "write songs, tables or a feed for other programs",
    load: async () => (await import("./commands/export/export.ts")).command,
  },
  {
    name: "rm",
    summary: "remove songs: files go to the trash, never fetched again",
    load: async () => (await import("./commands/rm.ts")).command,
  },
  {
    name: "rebuild",
    summary: "build the database again from the journal and the files",
    load: async () => (await import("./commands/rebuild.ts")).command,
  },
  {
    name: "sql",
    summary: "read-only SQL over the archive",
    load: async () => (await import("./commands/sql.ts")).command,
  },
  {
    name: "serve",
    summary: "the library, players and the API from the archive, until stopped",
    load: async () => (await import("./commands/serve.ts")).command,
  },
  {
    name: "receive",
    summary: "take callbacks of the service, until stopped",
    load: async () => (await import("./commands/receive.ts")).command,
  },
  {
    name: "mcp",
    summary: "the archive for assistants (Model Context Protocol)",
    load: async () => (await import("./commands/mcp.ts")).command,
  },
  {
    name: "key",
    summary: "ways into the service, one a device",
    load: async () => (await import("./commands/key/key.ts")).command,
  },
  {
    name: "doctor",
    summary: "check everything a sync depends on, and give advice",
    load: async () => (await import("./commands/doctor.ts")).command,
  },
  {
    name: "config",
    summary: "each setting, and where it came from",
    load: async () => (await import("./commands/config.ts")).command,
  },
  {
    name: "completion",
    summary: "print the script for tab completion in bash, zsh or fish",
    load: async () => (await import("./commands/completion.ts")).completionOf(COMMANDS),
  },
  {
    name: "demo",
    summary: "try it with a stand-in for Producer; no token, no network",
    load: async () => (await import("./commands/demo/demo.ts")).command,
  },
];

/** The entry of a name or alias. */
export function findCommand(name: string): CommandEntry | undefined {
  return COMMANDS.find((entry) => entry.name === name || entry.alias === name);
}
