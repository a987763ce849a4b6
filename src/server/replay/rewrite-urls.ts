const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"(?=\s*(:?))/gs;

/**
 * A JSON text in which each string that is one of `urls`, however it is escaped, is replaced. Names of members and every
 * other character stay.
 */
export function rewriteUrls(text: string, urls: ReadonlyMap<string, string>): string {
  if (urls.size === 0) return text;
  return text.replace(STRING, (token, colon: string) => {
    const url = colon === "" ? urls.get(valueOf(token).toWellFormed()) : undefined;
    return url === undefined ? token : JSON.stringify(url);
  });
}

function valueOf(token: string): string {
  if (!token.includes("\\")) return token.slice(1, -1);
  try {
    return JSON.parse(token) as string;
  } catch {
    return "";
  }
}
