import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressProblem, literalHostProblem } from "../../../src/lib/net/public-address.ts";

const PUBLIC =
  `1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 142.250.80.48 169.253.255.255
169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 203.0.112.1 203.0.114.0
223.255.255.255 2001:4860:4860::8888 2606:4700:4700::1111 2a00:1450:4001:82a::2010 2400:cb00::1 2620:fe::fe ::ffff:8.8.8.8 ::ffff:808:808
64:ff9b::8.8.8.8 64:ff9b::808:808`.split(/\s+/);

const FORBIDDEN =
  `0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.0 10.0.0.1 10.255.255.255 100.64.0.0 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.0
127.0.0.1 127.0.0.2 127.1.2.3 127.255.255.255 169.254.0.0 169.254.169.254 169.254.170.2 169.254.255.255 172.16.0.0 172.16.0.1 172.31.255.255
192.0.0.0 192.0.0.8 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.0 192.168.1.1 192.168.255.255 198.18.0.0 198.18.0.1 198.19.255.255
198.51.100.1 203.0.113.1 224.0.0.0 224.0.0.1 239.255.255.255 240.0.0.0 250.1.1.1 255.255.255.254 255.255.255.255 :: ::1 ::2 ::127.0.0.1
::10.0.0.1 ::8.8.8.8 ::ffff:0.0.0.0 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:a9fe:a9fe ::ffff:192.168.1.1 ::ffff:0:127.0.0.1
64:ff9b::127.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 64:ff9b:1::808:808 100::1 100:0:0:1::1 2001::1 2001:0:7f00:1::
2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:3::1 2001:10::1 2001:20::1 2001:30::1 2001:db8::1 2001:1ff::1 2002:7f00:1:: 2002:a00:1::1
2002:808:808::1 2002:c0a8:101::1 3fff::1 3fff:fff:ffff::1 4000::1 5f00::1 8000::1 a000::1 e000::1 f000::1 fc00:: fc00::1 fd00::1 fd00:ec2::254
fdff:ffff::1 fe80:: fe80::1 fe80::1%eth0 fe80::1%25eth0 2606:4700::1%eth0 febf::1 fec0::1 feff::1 ff00::1 ff01::1 ff02::1 ff02::fb ff05::2 ff0e::1
ffff::1 localhost example.com 127.1 0x7f.1 2130706433 017700000001 1.2.3 1.2.3.4.5 256.1.1.1 1::2::3 [::1] 1.1.1.1/8 :`.split(
    /\s+/,
  );

describe("addresses", () => {
  test.each(PUBLIC)("F88: %s is public", (address) => expect(addressProblem(address)).toBeNull());
  test.each(FORBIDDEN)("F88: %s is not", (address) =>
    expect(addressProblem(address)).toMatch(/^(private address|not an address)/),
  );

  test("F88: nothing and blanks are no address", () => {
    for (const text of ["", " ", "1.1.1.1 ", " 1.1.1.1", "1.1.1.1\n"]) expect(addressProblem(text)).not.toBeNull();
  });

  test("F88: an address mapped or translated into IPv6 is judged like the IPv4 address in it", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const verdict = addressProblem(address) === null;
        expect(addressProblem(`::ffff:${address}`) === null).toBe(verdict);
        expect(addressProblem(`64:ff9b::${address}`) === null).toBe(verdict);
      }),
    );
  });
});

describe("hosts of a URL", () => {
  test.each([
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "a.b.localhost.",
    "[::1]",
    "127.0.0.1",
    "fe80::1%25lo",
    "",
  ])("%j is refused without a look-up", (host) => expect(literalHostProblem(host)).not.toBeNull());
  test.each(["example.com", "localhost.example.com", "notlocalhost", "8.8.8.8", "[2606:4700:4700::1111]"])(
    "%j may be looked up",
    (host) => expect(literalHostProblem(host)).toBeNull(),
  );
});
