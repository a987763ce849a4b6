import { createHash } from "node:crypto";

/** A uuid of version 4 shape, the same for the same text. */
export function uuidOf(text: string): string {
  const hex = sha256(text);
  const variant = "89ab"[Number.parseInt(hex[16] ?? "0", 16) % 4] ?? "8";
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A MongoDB object id as the API's `_id`: its first 8 digits are the second of creation. */
export function objectIdOf(text: string, createdAt: number): string {
  return Math.floor(createdAt).toString(16).padStart(8, "0") + sha256(text).slice(0, 16);
}

/** A seed as the API writes it: a 32-bit number in decimal digits. */
export function seedOf(text: string): string {
  return String(Number.parseInt(sha256(text).slice(0, 8), 16));
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
