const ASCII = /^[\x20-\x7e]*$/;

/** Equal for names that some file system takes for one: without regard to case, accents' form and what cannot be seen. */
export function nameKey(path: string): string {
  if (ASCII.test(path)) return path.toLowerCase();
  return path
    .normalize("NFKD")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize("NFKD");
}

/** Which of a folder's names is found under `name`: itself, or the one that differs the least from it. */
export function spelledName(name: string, names: string[]): string {
  if (names.includes(name)) return name;
  for (const key of [canonical, (text: string) => text.toLowerCase(), nameKey]) {
    const found = names.find((one) => key(one) === key(name));
    if (found !== undefined) return found;
  }
  return name;
}

function canonical(text: string): string {
  return text.normalize("NFC");
}
