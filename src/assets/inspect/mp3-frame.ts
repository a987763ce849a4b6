/** Kbit/s by index of the header's bitrate field, layer III: MPEG 1, and MPEG 2 and 2.5 (ISO 11172-3, 13818-3). */
const RATES_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const RATES_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const SAMPLE_RATES = [44100, 48000, 32000];

export type Mp3Frame = {
  /** Of the whole frame, its four bytes of header included. */
  bytes: number;
  samples: number;
  sampleRate: number;
  /** Distance from the end of the header to where a Xing or Info header would be. */
  sideInfoBytes: number;
};

/** Reads the four bytes before each frame of layer III; null when they are none. */
export function readFrameHeader(head: Buffer): Mp3Frame | null {
  if (head.length < 4) return null;
  const [sync, version, rates, channels] = head as unknown as [number, number, number, number];
  if (sync !== 0xff || (version & 0xe6) !== 0xe2) return null;
  const mpeg = (version >> 3) & 3;
  const bitrate = (mpeg === 3 ? RATES_1 : RATES_2)[rates >> 4];
  const baseRate = SAMPLE_RATES[(rates >> 2) & 3];
  if (mpeg === 1 || !bitrate || baseRate === undefined) return null;
  const sampleRate = mpeg === 3 ? baseRate : mpeg === 2 ? baseRate / 2 : baseRate / 4;
  const samples = mpeg === 3 ? 1152 : 576;
  const padding = (rates >> 1) & 1;
  const mono = channels >> 6 === 3;
  const sideInfo = mpeg === 3 ? (mono ? 17 : 32) : mono ? 9 : 17;
  return {
    bytes: Math.floor((samples * 125 * bitrate) / sampleRate) + padding,
    samples,
    sampleRate,
    sideInfoBytes: sideInfo,
  };
}
