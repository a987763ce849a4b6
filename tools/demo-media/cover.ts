export const COVER_SIZE = 300;

type Colour = [number, number, number];

/** Two colours of the background and one of the shape, for each cover. */
const PALETTES: [Colour, Colour, Colour][] = [
  [
    [255, 183, 77],
    [239, 83, 80],
    [255, 241, 200],
  ],
  [
    [38, 50, 56],
    [63, 81, 181],
    [179, 229, 252],
  ],
  [
    [0, 150, 136],
    [139, 195, 74],
    [255, 255, 235],
  ],
  [
    [236, 239, 241],
    [144, 164, 174],
    [55, 71, 79],
  ],
  [
    [74, 20, 140],
    [233, 30, 99],
    [255, 205, 210],
  ],
  [
    [1, 87, 155],
    [0, 188, 212],
    [255, 236, 179],
  ],
  [
    [121, 85, 72],
    [255, 204, 128],
    [62, 39, 35],
  ],
  [
    [27, 94, 32],
    [165, 214, 167],
    [241, 248, 233],
  ],
  [
    [33, 33, 33],
    [255, 87, 34],
    [255, 204, 188],
  ],
  [
    [69, 39, 160],
    [149, 117, 205],
    [237, 231, 246],
  ],
  [
    [255, 238, 88],
    [255, 112, 67],
    [84, 110, 122],
  ],
  [
    [0, 96, 100],
    [77, 182, 172],
    [224, 247, 250],
  ],
];

/** RGB bytes of one cover: a slanted gradient and a shape on it. */
export function coverPixels(index: number): Buffer {
  const [from, to, ink] = PALETTES[index % PALETTES.length] as [Colour, Colour, Colour];
  const pixels = Buffer.alloc(COVER_SIZE * COVER_SIZE * 3);
  for (let y = 0; y < COVER_SIZE; y += 1) {
    for (let x = 0; x < COVER_SIZE; x += 1) {
      const [u, v] = [x / COVER_SIZE - 0.5, y / COVER_SIZE - 0.5];
      const slope = Math.min(1, Math.max(0, 0.5 + u * Math.cos(index) + v * Math.sin(index + 1)));
      const amount = inShape(index, u, v) ? 0.85 : 0;
      for (let channel = 0; channel < 3; channel += 1) {
        const back = mix(from[channel] ?? 0, to[channel] ?? 0, slope);
        pixels[(y * COVER_SIZE + x) * 3 + channel] = Math.round(mix(back, ink[channel] ?? 0, amount));
      }
    }
  }
  return pixels;
}

function inShape(index: number, u: number, v: number): boolean {
  const radius = Math.hypot(u, v);
  const angle = Math.atan2(v, u);
  switch (index % 4) {
    case 0:
      return Math.hypot(u - 0.1, v + 0.1) < 0.22;
    case 1:
      return Math.abs(v - 0.12 * Math.sin(u * (6 + index))) < 0.03 || Math.abs(v - 0.2 - 0.08 * Math.sin(u * 9)) < 0.02;
    case 2:
      return radius < 0.18 + 0.08 * Math.cos(angle * (3 + (index % 5)));
    default:
      return Math.abs(radius - 0.25) < 0.025 || Math.abs(u) + Math.abs(v) < 0.1;
  }
}

function mix(from: number, to: number, amount: number): number {
  return from + (to - from) * amount;
}
