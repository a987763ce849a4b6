import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";

/**
 * Files of src/ that open a database by something else than SQLite, and which file that is.
 * Closing a descriptor drops every POSIX lock that the process has on the file, so that no database may be opened in this
 * way which a connection may have open (https://sqlite.org/howtocorrupt.html, section 2.2).
 */
const OPENED_BESIDE_SQLITE: Record<string, string> = {
  "src/backup/check-backup.ts": "the database in a backup, when its connection is closed",
  "src/backup/folder/keep-newest.ts": "the database in a backup",
  "src/db/archive-file.ts": "new databases, created where no file is",
  "src/restore/plan.ts": "the database in a backup, when its connection is closed",
};

const NAMES_DATABASE = /\barchivePath\(|["'`/](?:archive|lock)\.db["'`]|\$\{name\}\.db`/;
const OPENERS =
  /^(?:openSync|readFileSync|writeFileSync|open|readFile|writeFile|createReadStream|createWriteStream|copyFile|copyFileSync|cp|digestFile|flushFile|flushFileSync|openRegular|createFile)$/;

/** Code that is right to read and wrong to run, one line each. */
export async function findTraps(root: string): Promise<string[]> {
  const found: string[] = [];
  const unused = new Set(Object.keys(OPENED_BESIDE_SQLITE));
  for await (const path of glob("src/**/*.ts", { cwd: root })) {
    const text = await readFile(join(root, path), "utf8");
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    for (const line of usingInLoops(file))
      found.push(
        `${path}:${line}: \`using\` in a loop; esbuild throws the error of one round again in the next: move the body into a function`,
      );
    const openings = NAMES_DATABASE.test(text) ? databaseOpenings(file) : [];
    if (openings.length === 0 || unused.delete(path)) continue;
    if (!(path in OPENED_BESIDE_SQLITE))
      found.push(
        `${path}:${openings[0]}: opens a database beside SQLite; read it through its connection, or say in tools/check/traps.ts which file it is`,
      );
  }
  return [
    ...found,
    ...[...unused].map((path) => `${path}: tools/check/traps.ts allows it to open a database, which it does not`),
  ];
}

/** Line numbers of calls that open a path which names a database, in the call itself or by a variable of this file. */
function databaseOpenings(file: ts.SourceFile): number[] {
  const names = new Set<string>();
  const lines: number[] = [];
  const namesIt = (node: ts.Node) => NAMES_DATABASE.test(node.getText(file)) || names.has(node.getText(file));
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer && namesIt(node.initializer))
      names.add(node.name.getText(file));
    if (ts.isCallExpression(node) && OPENERS.test(node.expression.getText(file)) && node.arguments.some(namesIt))
      lines.push(file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return lines;
}

/** Line numbers of `using` declarations that run more than once in one call of their function. */
function usingInLoops(file: ts.SourceFile): number[] {
  const lines: number[] = [];
  const visit = (node: ts.Node, isInLoop: boolean): void => {
    const here = ts.isFunctionLike(node) ? false : isInLoop || ts.isIterationStatement(node, false);
    if (here && ts.isVariableDeclarationList(node) && /^(?:await )?using /.test(node.getText(file)))
      lines.push(file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1);
    ts.forEachChild(node, (child) => visit(child, here));
  };
  visit(file, false);
  return lines;
}
