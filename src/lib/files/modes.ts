/** Whether a file system refused to set a mode because it keeps none (sticks, phones, shares): a file there is as good without. */
export function isModeRefused(error: unknown): boolean {
  return /^(EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS)$/.test((error as NodeJS.ErrnoException).code ?? "");
}

/** For `chmod(…).catch(…)`: where no modes are kept, the mount says who may read. */
export function unlessModeRefused(error: unknown): void {
  if (!isModeRefused(error)) throw error;
}
