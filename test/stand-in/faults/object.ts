import { storedObject, type StoredObject } from "../../../src/demo/service/bucket-object.ts";
import type { Fault, ObjectFault } from "./faults.ts";

/** The object with damage that its server does not know of: length, ETag and checksums are those of the damaged bytes. */
export function damageObject(object: StoredObject, faults: Fault[]): StoredObject {
  return faults.reduce((damaged, fault) => (fault.kind === "object" ? damageOnce(damaged, fault) : damaged), object);
}

function damageOnce(object: StoredObject, fault: ObjectFault): StoredObject {
  let body = object.body;
  if (fault.truncate !== undefined) body = body.subarray(0, Math.floor(body.length * fault.truncate));
  if (fault.flip !== undefined) body = withFlippedBit(body, fault.flip);
  if (fault.append !== undefined) body = Buffer.concat([body, Buffer.from(fault.append)]);
  return body === object.body ? object : storedObject("damaged", body, object.type, object.hashes.length > 0);
}

/** `at`: a share of the length. */
export function withFlippedBit(body: Buffer, at: number): Buffer {
  const copy = Buffer.from(body);
  const position = Math.min(copy.length - 1, Math.floor(copy.length * at));
  if (position >= 0) copy[position] = (copy[position] ?? 0) ^ 1;
  return copy;
}

/** The version of the file that the last fault selects. */
export function versionOf(faults: Fault[]): string {
  return faults.findLast((fault) => fault.kind === "object")?.version ?? "";
}
