/** Whether a file system refused to set a mode because it keeps none (sticks, phones, shares): a file there is as good without. */
export function isModeless(error: unknown): boolean {
  return /^(EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS)$/.test((error as NodeJS.ErrnoException).code ?? "");
}
