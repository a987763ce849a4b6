import { cruise, type ICruiseResult, type IForbiddenRuleType } from "dependency-cruiser";
import { IMPURE_MODULES, PACKAGES, PURE, ROOMS } from "./import-table.ts";

const TYPES = "types of ";
const TESTS = "^(test|tools|bench)/";
/** A relative import that leads nowhere: tsc's to report. */
const MISSING_FILE = String.raw`^\.(?!.*node_modules/)`;

/**
 * Imports under `<root>/src` that the tables of import-table.ts do not allow, one line each; empty when all is well.
 * `root` must hold (or link) node_modules.
 */
export async function findForbiddenImports(root: string): Promise<string[]> {
  const { output } = await cruise(["src"], {
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: rules() },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  });
  const { summary, modules } = output as ICruiseResult;
  const strangers = modules.map((one) => one.source).filter((path) => path.startsWith("src/") && roomOf(path) === "");
  return [
    ...summary.violations.map((one) => `${one.from} → ${one.to}: ${one.rule.name}`),
    ...strangers.map((path) => `${path}: no row of tools/check/import-table.ts speaks of it`),
  ];
}

function rules(): IForbiddenRuleType[] {
  return [
    ...Object.entries(ROOMS).flatMap(([room, allowed]) => roomRules(room, allowed)),
    ...Object.entries(PACKAGES).map(([name, rooms]) => packageRule(name, rooms)),
    unlistedPackages(),
    {
      name: "src may not import tests or tools",
      severity: "error",
      from: { path: "^src/" },
      to: { path: TESTS },
    },
    {
      name: "pure rooms do no I/O",
      severity: "error",
      from: { path: inSrc(PURE) },
      to: { path: `^(node:)?(${IMPURE_MODULES.join("|")})(/|$)`, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "import in a circle",
      severity: "error",
      from: { path: "^src/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ];
}

/** One rule for what a room may not import at all, one for what it may import the types of alone. */
function roomRules(room: string, allowed: string[]): IForbiddenRuleType[] {
  const typesOnly = allowed.filter((one) => one.startsWith(TYPES)).map((one) => one.slice(TYPES.length));
  const whole = [room, ...allowed.filter((one) => !one.startsWith(TYPES))];
  const from = { path: inSrc([room]) };
  const forbidden: IForbiddenRuleType[] = [
    {
      name: `${room} may import only ${allowed.join(", ") || "itself"}`,
      severity: "error",
      from,
      to: { path: "^src/", pathNot: inSrc([...whole, ...typesOnly]) },
    },
  ];
  if (typesOnly.length === 0) return forbidden;
  const types: IForbiddenRuleType = {
    name: `${room} may import only types of ${typesOnly.join(", ")}`,
    severity: "error",
    from,
    to: { path: inSrc(typesOnly), dependencyTypesNot: ["type-only"] },
  };
  return [...forbidden, types];
}

function packageRule(name: string, rooms: string[]): IForbiddenRuleType {
  return {
    name: `${name} belongs to ${rooms.join(", ")}`,
    severity: "error",
    from: { path: "^src/", pathNot: inSrc(rooms) },
    to: { path: packagePath([name]) },
  };
}

function unlistedPackages(): IForbiddenRuleType {
  return {
    name: "package in no row of tools/check/import-table.ts",
    severity: "error",
    from: { path: "^src/" },
    to: { pathNot: ["^src/", TESTS, MISSING_FILE, packagePath(Object.keys(PACKAGES))], dependencyTypesNot: ["core"] },
  };
}

function inSrc(rooms: string[]): string {
  return `^src/(${rooms.map((one) => escape(one) + (one.endsWith("/") ? "" : "$")).join("|")})`;
}

/** A package as it was resolved (below node_modules, or its @types), and as it was written where it was not. */
function packagePath(names: string[]): string {
  return `(^|node_modules/)(@types/)?(${names.map(escape).join("|")})(/|$)`;
}

function roomOf(path: string): string {
  return Object.keys(ROOMS).find((room) => new RegExp(inSrc([room])).test(path)) ?? "";
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
