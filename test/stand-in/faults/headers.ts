import { withHeader, type Reply } from "../../../src/demo/service/reply.ts";
import type { Fault, HeaderFault } from "./faults.ts";

type HashFault = Extract<HeaderFault, { kind: "hash" }>;

/** The reply for a file with its ETag, Last-Modified and checksums as the faults want them. */
export function damageHeaders(reply: Reply, faults: Fault[]): Reply {
  return faults.reduce((damaged, fault) => {
    if (fault.kind === "etag") return setHeader(damaged, "ETag", fault.value);
    if (fault.kind === "last-modified") return setHeader(damaged, "Last-Modified", fault.value);
    return fault.kind === "hash" ? damageHashes(damaged, fault.how) : damaged;
  }, reply);
}

function setHeader(reply: Reply, name: string, value: string | undefined): Reply {
  return withHeader(reply, name, ...(value === undefined ? [] : [value]));
}

/** Only replies with bytes of the file have checksums. */
function damageHashes(reply: Reply, how: HashFault["how"]): Reply {
  if (reply.status !== 200 && reply.status !== 206) return reply;
  const hashes = reply.headers.flatMap(([name, value]) => (name === "x-goog-hash" ? [value] : []));
  return withHeader(reply, "x-goog-hash", ...wrongHashes(hashes, how));
}

function wrongHashes(hashes: string[], how: HashFault["how"]): string[] {
  const [crc = "crc32c=AAAAAA==", md5 = "md5=AAAAAAAAAAAAAAAAAAAAAA=="] = hashes;
  switch (how) {
    case "wrong-md5":
      return [crc, "md5=AAAAAAAAAAAAAAAAAAAAAA=="];
    case "wrong-crc32c":
      return ["crc32c=AAAAAA==", md5];
    case "broken":
      return ["crc32c=!!", "md5=not base64", "sha9=", "="];
    case "absent":
      return [];
    case "one-header":
      return [`${crc},${md5}`];
  }
}
