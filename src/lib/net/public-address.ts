import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** The assigned global unicast space; the rest of IPv6 is unassigned or special (RFC 4291, IANA registry). */
const ASSIGNED_V6 = ipaddr.IPv6.parse("2000::");
const NAT64 = ipaddr.IPv6.parse("64:ff9b::");

/** A connection was refused because of its address. */
export class AddressRefused extends Error {
  readonly code = "ADDRESS_REFUSED";
}

/**
 * Why `address` (an IP literal, no brackets) is not on the public internet, such as `private address 10.0.0.1 (private)`;
 * null when it is. Unknown ranges are refused. An address that embeds an IPv4 address is checked by that one; 6to4 and
 * Teredo are refused altogether, since they tunnel to any address.
 */
export function addressProblem(address: string): string | null {
  if (address.includes("%")) return `private address ${address} (zone)`;
  const version = isIP(address);
  if (version === 0) return `not an address: ${JSON.stringify(address)}`;
  const range = version === 4 ? rangeOfV4(ipaddr.IPv4.parse(address)) : rangeOfV6(parseV6(address));
  return range === "unicast" ? null : `private address ${address} (${range})`;
}

/** The same for a URL's `hostname`. Null for a name too, which is checked after its lookup; names of this machine are refused. */
export function literalHostProblem(hostname: string, problemOf = addressProblem): string | null {
  const host = hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (host === "") return "no host";
  if (isIP(host) !== 0 || host.includes(":") || host.includes("%")) return problemOf(host);
  if (/^([^.]+\.)*localhost\.?$/.test(host)) return `private address ${host} (loopback)`;
  return null;
}

/** ipaddr.js reads `::8.8.8.8`, which is not a mapped address, as `::ffff:8.8.8.8`: it is given the form without dots. */
function parseV6(address: string): ipaddr.IPv6 {
  return ipaddr.IPv6.parse(new URL(`http://[${address}]`).hostname.slice(1, -1));
}

function rangeOfV4(address: ipaddr.IPv4): string {
  return address.range();
}

function rangeOfV6(address: ipaddr.IPv6): string {
  if (address.isIPv4MappedAddress()) return rangeOfV4(address.toIPv4Address());
  if (address.match(NAT64, 96)) return rangeOfV4(new ipaddr.IPv4(address.toByteArray().slice(12)));
  const range = address.range();
  return range === "unicast" && !address.match(ASSIGNED_V6, 3) ? "unassigned" : range;
}
