import ts from "typescript";

/** What src/db/schema.ts says of a table, by the names that SQL has for it and its columns. */
export type TableComments = { about: string; columns: Record<string, string> };

/** The doc comments of every `sqliteTable` in the text of src/db/schema.ts, by the name of the table. */
export function readSchemaComments(source: string): Map<string, TableComments> {
  const file = ts.createSourceFile("schema.ts", source, ts.ScriptTarget.Latest, true);
  const tables = new Map<string, TableComments>();
  for (const statement of file.statements) {
    const call = ts.isVariableStatement(statement) ? tableCall(statement) : undefined;
    if (!call) continue;
    const [name, columns] = call.arguments;
    if (!name || !ts.isStringLiteral(name) || !columns || !ts.isObjectLiteralExpression(columns)) continue;
    const entries = columns.properties.filter(ts.isPropertyAssignment).map((one) => [columnName(one), commentOf(one)]);
    tables.set(name.text, { about: commentOf(statement), columns: Object.fromEntries(entries) });
  }
  return tables;
}

function tableCall(statement: ts.VariableStatement): ts.CallExpression | undefined {
  const made = statement.declarationList.declarations[0]?.initializer;
  return made && ts.isCallExpression(made) && made.expression.getText() === "sqliteTable" ? made : undefined;
}

/** The name given to the innermost call, as in `text("task_id").notNull()`, else the property's own. */
function columnName(property: ts.PropertyAssignment): string {
  let call: ts.Expression = property.initializer;
  while (ts.isCallExpression(call) && ts.isPropertyAccessExpression(call.expression)) call = call.expression.expression;
  const named = ts.isCallExpression(call) ? call.arguments[0] : undefined;
  return named && ts.isStringLiteral(named) ? named.text : property.name.getText();
}

function commentOf(node: ts.Node): string {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return (ts.getTextOfJSDocComment(comment?.comment) ?? "").replace(/\s*\n\s*/g, " ");
}
