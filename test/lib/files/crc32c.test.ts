import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c } from "../../../src/lib/files/crc32c.ts";

test.each([
  ["", 0],
  ["123456789", 0xe3069283],
  ["The quick brown fox jumps over the lazy dog", 0x22620404],
])("%j has its published value", (text, value) => expect(crc32c(0, Buffer.from(text))).toBe(value));

test("32 zero bytes and 32 bytes of 0xff are as in RFC 3720", () => {
  expect(crc32c(0, Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(0, Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
});

test("pieces of any size give the same", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, at) => {
      expect(crc32c(crc32c(0, bytes.subarray(0, at)), bytes.subarray(at))).toBe(crc32c(0, bytes));
    }),
  );
});
