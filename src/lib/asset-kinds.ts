/** The kinds of file that a record can point at. The order is the order of download. */
export const ASSET_KINDS = ["audio", "wav", "stems", "image", "video"] as const;
export type AssetKind = (typeof ASSET_KINDS)[number];

/** A number for each kind of file; a kind that is absent counts as 0. */
export type ByKind = Partial<Record<AssetKind, number>>;
