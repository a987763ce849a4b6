/** Random damage to the file of a database, and what it is called. */
export type Damage = { what: string; bytes: Buffer };

type Random = () => number;
const PAGE = 4096;

/** One way after the other, each page in turn. */
export function damage(whole: Buffer, round: number, random: Random): Damage {
  const ways = [bytesInPage, bytesInPage, bytesInPage, zeroedPage, cutShort, swappedPages, header, schemaPage];
  const way = ways[round % ways.length]!;
  return way(Buffer.from(whole), Math.floor(round / ways.length), random);
}

function bytesInPage(bytes: Buffer, round: number, random: Random): Damage {
  const page = round % (bytes.length / PAGE);
  const count = 1 + Math.floor(random() ** 3 * 200);
  for (let n = 0; n < count; n++) bytes[page * PAGE + upTo(random, PAGE)] = upTo(random, 256);
  return { what: `${count} bytes of page ${page + 1}`, bytes };
}

function zeroedPage(bytes: Buffer, round: number): Damage {
  const page = round % (bytes.length / PAGE);
  bytes.fill(0, page * PAGE, (page + 1) * PAGE);
  return { what: `page ${page + 1} zeroed`, bytes };
}

function cutShort(bytes: Buffer, _round: number, random: Random): Damage {
  const length = upTo(random, bytes.length);
  return { what: `cut at ${length}`, bytes: bytes.subarray(0, length) };
}

function swappedPages(bytes: Buffer, round: number, random: Random): Damage {
  const pages = bytes.length / PAGE;
  const [one, other] = [round % pages, upTo(random, pages)];
  const kept = Buffer.from(bytes.subarray(one * PAGE, (one + 1) * PAGE));
  bytes.copyWithin(one * PAGE, other * PAGE, (other + 1) * PAGE);
  kept.copy(bytes, other * PAGE);
  return { what: `pages ${one + 1} and ${other + 1} swapped`, bytes };
}

function header(bytes: Buffer, round: number, random: Random): Damage {
  if (round % 4 === 0) return { what: "header zeroed", bytes: bytes.fill(0, 0, 100) };
  const at = upTo(random, 100);
  bytes[at] = upTo(random, 256);
  return { what: `byte ${at} of the header`, bytes };
}

function schemaPage(bytes: Buffer, _round: number, random: Random): Damage {
  const at = 100 + upTo(random, PAGE - 132);
  for (let n = 0; n < 32; n++) bytes[at + n] = upTo(random, 256);
  return { what: `32 bytes from ${at}`, bytes };
}

function upTo(random: Random, end: number): number {
  return Math.floor(random() * end);
}
