import type { Plugin } from "esbuild";

/**
 * Node's own modules as the bundle takes them. An `import` of `node:fs` reads each of its exports, getters too, and so
 * loads promises, streams, readline and workers with it: a tenth of a short command's time. `process.getBuiltinModule`
 * reads none. The functions of LATE load their module at their first call; what else there is (classes that code
 * extends, functions that carry more) is taken at once, where it is used at all: each importer has a copy of its own,
 * cut down to what it uses. `require` in libraries stays as it is.
 */
const LATE = ["child_process", "crypto", "dns", "fs", "fs/promises", "os", "timers/promises", "url", "zlib"];

/** The names of a module are asked for here, at build time; one that an older Node lacks is undefined there. */
export const lateNodeModules: Plugin = {
  name: "late-node-modules",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, importer, kind }) =>
      kind === "import-statement" && !importer.endsWith("/src/main.ts")
        ? { path: `${path} in ${importer}`, pluginData: path, namespace: "node", sideEffects: false }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: "node" }, ({ pluginData }) => ({
      contents: contentsOf(String(pluginData)),
      loader: "js",
    }));
  },
};

function contentsOf(path: string): string {
  const module: Record<string, unknown> = { ...process.getBuiltinModule(path) };
  const isLate = LATE.includes(path.slice("node:".length));
  const names = Object.keys(module).filter((name) => /^[a-z]\w*$/i.test(name) && name !== "default");
  const real = path === "node:process" ? "process" : `process.getBuiltinModule(${JSON.stringify(path)})`;
  const lines = names.map((name) =>
    isLate && isPlainFunction(module[name])
      ? `const ${name}_ = (...given) => real().${name}(...given);`
      : `const ${name}_ = /* @__PURE__ */ take(${JSON.stringify(name)});`,
  );
  const named = names.map((name) => `${name}_ as ${name}`);
  return [
    `const real = () => ${real};`,
    "const take = (name) => real()[name];",
    isLate
      ? "const all = /* @__PURE__ */ new Proxy({}, { get: (_, name) => take(name) });"
      : "const all = /* @__PURE__ */ real();",
    ...lines,
    `export { all as default, ${named.join(", ")} };`,
  ].join("\n");
}

/** No class, and nothing hangs on it, as `native` does on `realpathSync`. */
function isPlainFunction(value: unknown): boolean {
  return (
    typeof value === "function" &&
    !/^(class|\[)|^[A-Z]/.test(value.name) &&
    Object.keys(value).length === 0 &&
    !Object.keys(Object.getOwnPropertyDescriptors(value.prototype ?? {})).some((name) => name !== "constructor")
  );
}
