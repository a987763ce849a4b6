/**
 * Who may import whom. These two tables are all there is: dependency-cruiser's rules are made from them
 * (import-rules.ts), and test/tools/imports.test.ts holds the tables of src/README.md to them.
 * A name that ends in `/` is a folder of src/, `types of` allows `import type` alone.
 */
export const ROOMS: Record<string, string[]> = {
  "main.ts": ["program.ts"],
  "program.ts": ["cli/", "print/", "config.ts", "lib/"],
  "cli/": [
    "app/",
    "config.ts",
    "print/",
    "sync/",
    "verify/",
    "backup/",
    "restore/",
    "remove/",
    "export/",
    "doctor/",
    "server/",
    "query/",
    "record/",
    "archive/tracking.ts",
    "archive/tags.ts",
    "archive/import-text.ts",
    "types of db/",
    "demo/",
    "lib/",
  ],
  "print/": ["types of sync/", "types of verify/", "types of query/", "lib/"],
  "server/": [
    "app/",
    "query/",
    "record/",
    "archive/tracking.ts",
    "archive/tags.ts",
    "archive/import-text.ts",
    "assets/",
    "lib/",
  ],
  "web/": ["types of query/"],
  "app/": ["config.ts", "db/", "sync/", "remove/", "query/", "archive/", "api/", "assets/", "lib/"],
  "config.ts": ["settings.ts", "lib/"],
  "settings.ts": ["lib/"],
  "restore/": ["backup/", "archive/", "assets/", "record/", "db/", "lib/"],
  "backup/": ["verify/", "remove/", "query/", "archive/", "assets/", "db/", "lib/"],
  "verify/": ["query/", "archive/", "assets/", "record/", "db/", "lib/"],
  "remove/": ["query/", "archive/", "assets/", "record/", "db/", "lib/"],
  "export/": ["query/", "archive/", "assets/", "db/", "lib/"],
  "doctor/": ["query/", "archive/", "assets/", "db/", "lib/"],
  "sync/": ["api/", "archive/", "assets/", "record/", "types of db/", "lib/"],
  "query/": ["record/", "db/", "lib/"],
  "archive/": ["record/", "db/", "lib/"],
  "api/": ["record/", "lib/"],
  "record/": ["types of db/", "lib/"],
  "assets/": ["lib/"],
  "db/": ["lib/"],
  "demo/": ["lib/"],
  "lib/": [],
};

/** Which rooms may import a package; a package that is not here may be imported by none. */
export const PACKAGES: Record<string, string[]> = {
  "better-sqlite3": ["db/", "query/sql/child.ts"],
  commander: ["cli/", "program.ts"],
  "drizzle-orm": ["db/", "archive/", "query/", "verify/", "restore/", "remove/", "backup/", "export/", "doctor/"],
  execa: ["query/sql/", "backup/off-site/", "verify/", "export/"],
  "hyparquet-writer": ["export/tables/"],
  "ipaddr.js": ["lib/net/"],
  "node-cron": ["sync/"],
  "node-taglib-sharp": ["export/songs/write/write-tags.ts"],
  "p-queue": ["api/", "sync/"],
  "string-width": ["print/", "lib/text/"],
  undici: ["api/", "assets/download/", "lib/net/"],
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
