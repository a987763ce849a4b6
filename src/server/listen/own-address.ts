import { networkInterfaces } from "node:os";
import { isIP } from "node:net";
import type { ListenAddress } from "../../settings.ts";
import { isLoopback, type HostRule } from "../guard/host.ts";

/**
 * Whether a URL leads to the server that this rule is of: by its address and port, or by a name that it is called by.
 * Asked at itself, it would take its own answers for those of the API, and pass calls on to itself without end.
 */
export function leadsHere(url: string, { address, allowed }: HostRule): boolean {
  const { hostname, host, port, protocol } = new URL(url);
  if (allowed.includes(hostname) || allowed.includes(host)) return true;
  const asked = Number(port || (protocol === "https:" ? 443 : 80));
  return asked === address.port && reachesAddress(hostname.replace(/^\[|\]$/g, ""), address);
}

function reachesAddress(host: string, address: ListenAddress): boolean {
  if (host === address.host) return true;
  if (isLoopback({ ...address, host })) return isLoopback(address) || isEverywhere(address);
  if (!isEverywhere(address) || isIP(host) === 0) return false;
  return Object.values(networkInterfaces()).some((all = []) => all.some((one) => one.address === host));
}

const isEverywhere = ({ host }: ListenAddress): boolean => host === "0.0.0.0" || host === "::";
