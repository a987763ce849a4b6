import { describe, expect, test } from "vitest";
import { AssetError } from "../../../src/assets/asset-error.ts";
import { checkAssetUrl } from "../../../src/assets/download/url-rules.ts";

const HOSTS = ["127.0.0.1:8080", "nas.local", "[::1]:9000", "files.example:443"];

describe("F89: what may be fetched", () => {
  test.each([
    [
      "https://storage.googleapis.com/corpusant-app-public/riffs/a/audio/b.m4a",
      "https://storage.googleapis.com/corpusant-app-public/riffs/a/audio/b.m4a",
    ],
    ["HTTPS://Storage.GoogleAPIs.com:443/a b#frag", "https://storage.googleapis.com/a%20b"],
    ["https://storage.googleapis.com.evil.com/a", "https://storage.googleapis.com.evil.com/a"],
    ["https://evil.com#storage.googleapis.com", "https://evil.com/"],
    ["https://xn--bcher-kva.example/a", "https://xn--bcher-kva.example/a"],
    ["https://a.example/song:with:colons.mp4", "https://a.example/song:with:colons.mp4"],
    ["http://127.0.0.1:8080/a", "http://127.0.0.1:8080/a"],
    ["http://nas.local:1234/a", "http://nas.local:1234/a"],
    ["https://nas.local/a", "https://nas.local/a"],
    ["http://[::1]:9000/a", "http://[::1]:9000/a"],
  ])("%s", (text, href) => expect(checkAssetUrl(text, HOSTS).href).toBe(href));
});

describe("F89: what may not", () => {
  // prettier-ignore
  const texts = [
    "", "song.m4a", "/etc/passwd", "//", "https://", "https:///", "http://storage.googleapis.com/a", "http://example.com:8080/a",
    "file:///etc/passwd", "ftp://example.com/a", "data:audio/mp4;base64,AAAA", "blob:https://example.com/1", "javascript:alert(1)",
    "ws://example.com/a", "wss://example.com/a", "gopher://example.com/a", "https://storage.googleapis.com@evil.com/a",
    "https://user:pw@example.com/a", "https://:pw@example.com/a", "https://example.com:22/a", "https://example.com:25/a",
    "https://example.com:6379/a", "https://example.com:80/a", "https://example.com:8443/a", "https://example.com:99999/a",
    "https://exam\tple.com/a", "https://example.com/\na", "https://example.com\\@evil.com/a", "https:\\\\example.com\\a",
    "\thttps://example.com/a", "https://example.com/\u0000", "https://example.com/\u007f", "https://exa mple.com/", "https://[::1", "https://%00/",
    "http://127.0.0.1:8081/a", "http://127.0.0.1/a", "http://[::1]:9001/a", "https://x.nas.local:1/a", "http://files.example/a", `https://example.com/${"a".repeat(8200)}`,
  ];
  test.each(texts)("%j", (text) => {
    const check = () => checkAssetUrl(text, HOSTS);
    expect(check).toThrow(AssetError);
    expect(check).toThrow(/^refused: [\x20-\x7e]+$/);
  });

  test("a private host says how to allow it", () => {
    const refusal = refusalOf("http://192.168.1.5:8000/a");
    expect(refusal).toMatchObject({ code: "refused_url", followUp: "never" });
    expect(refusal?.message).toBe("refused: private address 192.168.1.5 (private)");
    expect(refusal?.hint).toContain("--asset-hosts 192.168.1.5:8000");
  });
});

function refusalOf(url: string): AssetError | null {
  try {
    checkAssetUrl(url, []);
    return null;
  } catch (error) {
    return error as AssetError;
  }
}
