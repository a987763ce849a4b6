/**
 * Who may import whom. These two tables are all there is: dependency-cruiser's rules are made from them
 * (import-rules.ts), and test/boundaries.test.ts holds the tables of src/README.md to them.
 * A name that ends in `/` is a folder of src/, `types of` allows `import type` alone.
 */
export const ROOMS: Record<string, string[]> = {
  "main.ts": ["program.ts"],
  "program.ts": ["cli/", "config.ts", "lib/"],
  "cli/": [
    "app.ts",
    "config.ts",
    "sync/",
    "record/",
    "query/",
    "keep/",
    "archive/tracking.ts",
    "archive/marks.ts",
    "archive/tags.ts",
    "server/",
    "demo/",
    "lib/",
  ],
  "server/": ["app.ts", "record/", "query/", "archive/tracking.ts", "assets/", "lib/"],
  "web/": ["types of query/"],
  "app.ts": ["config.ts", "db/", "api/", "archive/", "assets/", "lib/"],
  "config.ts": ["settings.ts", "lib/"],
  "settings.ts": ["lib/"],
  "sync/": ["api/", "record/", "archive/", "assets/", "types of db/", "lib/"],
  "keep/": ["record/", "query/", "archive/", "assets/", "db/", "lib/"],
  "archive/": ["record/", "db/", "lib/"],
  "query/": ["record/", "db/", "lib/"],
  "api/": ["record/", "lib/"],
  "record/": ["types of db/", "lib/"],
  "assets/": ["lib/"],
  "db/": ["lib/"],
  "demo/": ["lib/"],
  "lib/": [],
};

/** Which rooms may import a package; a package that is not here may be imported by none. */
export const PACKAGES: Record<string, string[]> = {
  "better-sqlite3": ["db/", "query/sql-child.ts"],
  commander: ["cli/", "program.ts"],
  "drizzle-orm": ["db/", "archive/", "query/", "keep/"],
  execa: ["cli/", "query/", "keep/"],
  "hyparquet-writer": ["keep/"],
  "ipaddr.js": ["lib/"],
  "node-cron": ["sync/"],
  "node-taglib-sharp": ["keep/export-songs/write-tags.ts"],
  "p-queue": ["api/", "sync/"],
  "string-width": ["cli/", "lib/"],
  undici: ["api/", "assets/", "lib/"],
  zod: ["config.ts", "record/", "api/"],
};

/** Rooms of pure decisions: they see neither disk, network, processes nor clocks. */
export const PURE = ["record/", "sync/plan.ts"];
export const IMPURE_MODULES = [
  "child_process",
  "dgram",
  "dns",
  "fs",
  "http",
  "http2",
  "https",
  "net",
  "timers",
  "tls",
  "worker_threads",
];
