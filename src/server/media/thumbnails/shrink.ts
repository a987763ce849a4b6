/** Pixels row by row, four bytes each: red, green, blue, and one that a JPEG does not have. */
export type Pixels = { data: Uint8ClampedArray; width: number; height: number };

/** The parts of the old pixels that one new pixel stands for. */
type Span = { from: number; shares: number[] };

/** A smaller picture: each of its pixels is the mean of what it stands for. */
export function shrink({ data, width, height }: Pixels, toWidth: number, toHeight: number): Pixels {
  const narrow = new Float32Array(toWidth * height * 3);
  const [columns, rows] = [spans(width, toWidth), spans(height, toHeight)];
  for (let y = 0, to = 0; y < height; y++)
    for (const { from, shares } of columns) {
      let [red, green, blue] = [0, 0, 0];
      for (let at = (y * width + from) * 4, n = 0; n < shares.length; n++, at += 4) {
        const share = shares[n]!;
        red += data[at]! * share;
        green += data[at + 1]! * share;
        blue += data[at + 2]! * share;
      }
      narrow[to++] = red;
      narrow[to++] = green;
      narrow[to++] = blue;
    }
  const small = new Uint8ClampedArray(toWidth * toHeight * 4);
  for (const [y, { from, shares }] of rows.entries())
    for (let x = 0; x < toWidth * 3; x++) {
      let sum = 0;
      for (let n = 0; n < shares.length; n++) sum += narrow[(from + n) * toWidth * 3 + x]! * shares[n]!;
      small[(y * toWidth + Math.floor(x / 3)) * 4 + (x % 3)] = sum;
    }
  return { data: small, width: toWidth, height: toHeight };
}

function spans(size: number, toSize: number): Span[] {
  const each = size / toSize;
  return Array.from({ length: toSize }, (_, to) => {
    const [start, end] = [to * each, Math.min((to + 1) * each, size)];
    const from = Math.floor(start);
    const shares = Array.from({ length: Math.ceil(end) - from }, (_each, n) => {
      const at = from + n;
      return (Math.min(at + 1, end) - Math.max(at, start)) / (end - start);
    });
    return { from, shares };
  });
}
