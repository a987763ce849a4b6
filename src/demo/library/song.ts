/** One song of the demo account, as its maker would tell of it. */
export type Song = {
  key: string;
  /** When it was asked for, ISO 8601 to the millisecond. */
  at: string;
  title: string;
  model: string;
  prompt: string;
  lyric: string;
  sound?: string;
  /** `generate` unless said. */
  action?: string;
  /** Key of the song that this one was made from. */
  from?: string;
  /** Key of the song whose voice or band was borrowed. */
  swap?: string;
  /** More fields of the request. */
  request?: Record<string, unknown>;
  /** The model that really sang, where it is another than the one asked for. */
  clipModel?: string;
  /** The stored response says `success: true`, which most do not. */
  saysSuccess?: boolean;
};
