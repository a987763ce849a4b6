import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Certificate = { key: Buffer; cert: Buffer };
export type Authority = {
  /** What trusts it reads this file. */
  path: string;
  /** A certificate for this name or address, good from now for so many days (below 0: until so many days ago). */
  issue(name: string, days: number): Certificate;
};

/** A certificate authority of its own in a folder, made by openssl. */
export function makeAuthority(folder: string): Authority {
  const path = join(folder, "ca.pem");
  const key = join(folder, "ca.key");
  openssl("req", "-x509", ...newKey(key), "-out", path, "-days", "30", "-subj", "/CN=a test's own authority");
  let count = 0;
  return {
    path,
    issue(name, days) {
      const base = join(folder, `cert-${++count}`);
      openssl("req", ...newKey(`${base}.key`), "-out", `${base}.csr`, "-subj", `/CN=${name}`);
      writeFileSync(`${base}.ext`, `subjectAltName=${/^[\d.]+$/.test(name) ? "IP" : "DNS"}:${name}\n`);
      const signer = ["-CA", path, "-CAkey", key, "-set_serial", String(count), "-extfile", `${base}.ext`];
      openssl("x509", "-req", "-in", `${base}.csr`, "-out", `${base}.pem`, "-days", String(days), ...signer);
      return { key: readFileSync(`${base}.key`), cert: readFileSync(`${base}.pem`) };
    },
  };
}

/** One that nobody signed but itself. */
export function selfSigned(folder: string, name: string): Certificate {
  const base = join(folder, "self");
  const names = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=IP:${name}`];
  openssl("req", "-x509", ...newKey(`${base}.key`), "-out", `${base}.pem`, "-days", "30", ...names);
  return { key: readFileSync(`${base}.key`), cert: readFileSync(`${base}.pem`) };
}

function newKey(path: string): string[] {
  return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path];
}

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
}
