/** Bodies of another kind than the expected one. */
export type Junk = "html" | "xml" | "json" | "svg" | "png" | "gif" | "webp" | "hls" | "zeros" | "text";

type JunkBody = { type: string; body: Buffer };

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const GIF = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
const WEBP = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==";

/** `link` is an address that a careless reader of the body would request. */
export function junkBody(what: Junk, link = "http://127.0.0.1:1/secret"): JunkBody {
  switch (what) {
    case "html":
      return text(
        "text/html; charset=utf-8",
        `<!doctype html><html><title>Sign in</title><body><a href="${link}">Sign in</a></body></html>`,
      );
    case "xml":
      return text(
        "application/xml",
        "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access denied.</Message></Error>",
      );
    case "json":
      return text("application/json", `{"error":{"code":"api_error","message":"see ${link}"}}`);
    case "svg":
      return text(
        "image/svg+xml",
        `<svg xmlns="http://www.w3.org/2000/svg"><script>fetch("${link}")</script><rect width="9" height="9"/></svg>`,
      );
    case "hls":
      return text(
        "application/vnd.apple.mpegurl",
        `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${link}\n#EXTINF:4,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n`,
      );
    case "text":
      return text("text/plain", "upstream connect error or disconnect/reset before headers");
    case "zeros":
      return { type: "application/octet-stream", body: Buffer.alloc(10_000) };
    case "png":
      return { type: "image/png", body: Buffer.from(PNG, "base64") };
    case "gif":
      return { type: "image/gif", body: Buffer.from(GIF, "base64") };
    case "webp":
      return { type: "image/webp", body: Buffer.from(WEBP, "base64") };
  }
}

function text(type: string, body: string): JunkBody {
  return { type, body: Buffer.from(body) };
}
