import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { fileFingerprint } from "../../lib/files/file-identity.ts";
import { readSecrets, secretFilePath, type Secret } from "./secret-file.ts";

/** The secrets that are valid now; the file is read again when it has changed. */
export type ValidSecrets = {
  /** Whether a text is one of them. The time does not depend on how much of a wrong one is right. */
  has(text: string): boolean;
};

export function validSecrets(home: string): ValidSecrets {
  let [seen, secrets] = ["", [] as Secret[]];
  return {
    has(text) {
      const fingerprint = fileFingerprint(secretFilePath(home));
      if (fingerprint !== seen) [seen, secrets] = [fingerprint, readSecrets(home)];
      const given = digest(text);
      let found = false;
      for (const { secret, until } of secrets)
        if (timingSafeEqual(digest(secret), given) && (until === undefined || until > Date.now())) found = true;
      return found;
    },
  };
}

/** What only who knows the secret can answer to a test. */
export function proofOf(secret: string, nonce: string): string {
  return createHmac("sha256", secret).update(`producer-mirror receive --test ${nonce}`).digest("base64url");
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
