/** True when a file system refused to set a mode because it has none (memory sticks, phones, network shares). */
export function isModeRefused(error: unknown): boolean {
  return /^(EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS)$/.test((error as NodeJS.ErrnoException).code ?? "");
}

/** For `chmod(…).catch(…)`: ignores the error of a file system without modes, where the mount decides who may read. */
export function unlessModeRefused(error: unknown): void {
  if (!isModeRefused(error)) throw error;
}
