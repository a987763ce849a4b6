import type { StoredObject } from "../service/asset-object.ts";
import type { Fault, HeaderFault } from "./faults.ts";
import { withHeader, type Reply } from "../service/reply.ts";

type HashFault = Extract<HeaderFault, { kind: "hash" }>;

/** The `x-goog-hash` headers of an object, or what a fault makes of them. */
export function hashHeaders(object: StoredObject, faults: Fault[]): string[] {
  const how = faults.findLast((fault) => fault.kind === "hash")?.how;
  return how === undefined ? object.hashes : wrongHashes(object.hashes, how);
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

/** ETag and Last-Modified as a fault wants them. */
export function damageHeaders(reply: Reply, faults: Fault[]): Reply {
  return faults.reduce((now, fault) => {
    if (fault.kind === "etag") return withHeader(now, "ETag", ...(fault.value === undefined ? [] : [fault.value]));
    if (fault.kind !== "last-modified") return now;
    return withHeader(now, "Last-Modified", ...(fault.value === undefined ? [] : [fault.value]));
  }, reply);
}
