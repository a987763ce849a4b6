import { existsSync } from "node:fs";
import { openForChecking, type Reader } from "../../app/archive.ts";
import { tryApi } from "../../app/connect.ts";
import { lookAtBackups } from "../../backup/look-at-backups.ts";
import type { Config } from "../../config.ts";
import { EXIT, IntegrityError, MirrorError, UsageError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import { checkApi, type ApiProbe } from "../../doctor/check-api.ts";
import { cannotOpen, checkAges, checkAssetsFolder, checkDatabase } from "../../doctor/check-archive.ts";
import { checkFilesystem } from "../../doctor/check-filesystem.ts";
import { checkLeftovers } from "../../doctor/check-leftovers.ts";
import { checkPermissions } from "../../doctor/check-permissions.ts";
import { checkService } from "../../doctor/check-service.ts";
import { checkHomeSpace, checkSpace } from "../../doctor/check-space.ts";
import { checkVersions } from "../../doctor/check-versions.ts";
import { warn, type Finding } from "../../doctor/finding.ts";
import { serviceFacts } from "../../server/service-facts.ts";
import { isDemoArchive, someTrackedId } from "../../query/lists/archive-facts.ts";
import type { CliCommand, Context } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { addSettingOptions } from "../options/sync-options.ts";

type Options = { json?: boolean; offline?: boolean };

/** Requested where nothing is tracked; the API answers `{}`. */
const NO_TASK = "00000000-0000-4000-8000-000000000000";
const MARKS = { ok: "ok  ", warn: "warn", bad: "BAD " };

/** Checks everything that a sync and its files depend on. Changes nothing. */
export const command: CliCommand<Options> = {
  define(bare) {
    addSettingOptions(bare);
    bare.option("--offline", "send no request to the API");
    bare.option("--json", "the findings as one JSON document");
    addExitCodes(bare, [0, 1, 2, 4, 130, 143], {
      0: "nothing is bad; there may be warnings",
      1: "something is bad",
      4: "the database is damaged, or does not hold its whole journal",
    });
    return addExample(bare, "producer-mirror doctor");
  },

  async run(context, _args, options) {
    const config = context.config();
    const { findings, isDamaged, error } = await examine(context, config, options);
    const isBad = findings.some(({ state }) => state === "bad");
    return {
      document: { home: config.home, ok: !isBad && !error, checks: findings },
      lines: [config.home, ...findings.flatMap(findingLines)],
      error,
      exit: !isBad ? EXIT.ok : isDamaged ? EXIT.integrity : EXIT.unexpected,
    };
  },
};

function findingLines({ check, state, found, advice }: Finding): string[] {
  const line = `${MARKS[state]}  ${check}: ${found}`;
  return advice ? [line, `      ${advice}`] : [line];
}

type Examined = {
  findings: Finding[];
  /** The database is damaged, or does not hold its whole journal. */
  isDamaged?: boolean;
  /** There is no archive. */
  error?: UsageError;
};

async function examine(context: Context, config: Config, { offline }: Options): Promise<Examined> {
  const { archive, failure, pages } = await openArchive(config);
  using _archive = archive;
  const now = Date.now();
  const findings = [
    ...(await examineMachine(config, archive)),
    ...(await checkLeftovers(config.home, config.assets, now)),
  ];
  if (pages) findings.push(pages);
  if (archive) findings.push(await checkAssetsFolder(archive.db, config.assets));
  if (archive) {
    const locations = await lookAtBackups({ db: archive.db, home: config.home, assets: config.assets, now });
    findings.push(...checkAges(archive.db, now, locations));
  }
  const isDemo = archive && isDemoArchive(archive.db);
  if (!offline && !isDemo) findings.push(...checkApi(config.apiUrl, await ask(config, archive, context.signal)));
  if (failure instanceof UsageError) return { findings, error: failure };
  const isDamaged = pages?.state === "bad" || failure instanceof IntegrityError;
  return { findings: failure ? [...findings, cannotOpen(failure)] : findings, isDamaged };
}

async function examineMachine(config: Config, archive?: Reader): Promise<Finding[]> {
  const { home, assets, kinds, warnings } = config;
  return [
    checkVersions(archive?.db),
    ...warnings.map((text) => warn("settings", text, "`producer-mirror config` shows where each setting comes from")),
    await checkFilesystem("home", home),
    await checkFilesystem("assets", assets),
    await checkPermissions("home", home),
    await checkPermissions("assets", assets),
    await checkSpace(archive?.db, kinds, assets),
    ...(await checkHomeSpace(home, assets)),
    ...(existsSync(home) ? [await checkService(serviceFacts(config))] : []),
  ];
}

type Opened = { archive?: Reader; failure?: MirrorError; pages?: Finding };

/** A database that cannot be opened, or is damaged, is a finding and no failure; nothing more is read from it. */
async function openArchive(config: Config): Promise<Opened> {
  let archive: Reader | undefined;
  try {
    archive = await openForChecking(config);
    const pages = checkDatabase(archive.db, config.home);
    if (pages.state !== "bad") return { archive, pages };
    archive[Symbol.dispose]();
    return { pages };
  } catch (thrown) {
    archive?.[Symbol.dispose]();
    const error = toStorageError(thrown, config.home);
    if (error instanceof MirrorError) return { failure: error };
    throw thrown;
  }
}

async function ask(config: Config, archive: Reader | undefined, signal: AbortSignal): Promise<ApiProbe> {
  const { token } = config;
  if (!token) return null;
  return tryApi({ ...config, token }, (archive && someTrackedId(archive.db)) ?? NO_TASK, signal);
}
