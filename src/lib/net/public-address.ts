import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Global unicast space that is handed out; the rest of IPv6 is unassigned or special (RFC 4291, IANA registry). */
const ASSIGNED_V6 = ipaddr.IPv6.parse("2000::");
const NAT64 = ipaddr.IPv6.parse("64:ff9b::");

/** A connection that may not be made, because of where it would go. */
export class AddressRefused extends Error {
  readonly code = "ADDRESS_REFUSED";
}

/**
 * Why `address` (an IP literal, no brackets) is not on the public internet, such as `private address 10.0.0.1 (private)`;
 * null when it is. What no rule knows is refused. Addresses that carry an IPv4 address inside are judged by that one;
 * 6to4 and Teredo are refused whole, as they tunnel to wherever they say.
 */
export function addressProblem(address: string): string | null {
  if (address.includes("%")) return `private address ${address} (zone)`;
  const version = isIP(address);
  if (version === 0) return `not an address: ${JSON.stringify(address)}`;
  const range = version === 4 ? rangeOfV4(ipaddr.IPv4.parse(address)) : rangeOfV6(parseV6(address));
  return range === "unicast" ? null : `private address ${address} (${range})`;
}

/** The same for a URL's `hostname`: null also for a name, which only a look-up can judge. Names of this machine are refused. */
export function literalHostProblem(hostname: string, problemOf = addressProblem): string | null {
  const host = hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (host === "") return "no host";
  if (isIP(host) !== 0 || host.includes(":") || host.includes("%")) return problemOf(host);
  if (/^([^.]+\.)*localhost\.?$/.test(host)) return `private address ${host} (loopback)`;
  return null;
}

/** ipaddr.js takes `::8.8.8.8`, which is no mapped address, for `::ffff:8.8.8.8`: it gets the form without dots. */
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
