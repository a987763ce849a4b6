import { optional } from "../parameters.ts";
import { RestError } from "../rest-error.ts";
import type { Endpoint } from "../endpoint.ts";
import { FOLDER } from "../library/library.ts";

/** What players ask about the server itself. */
export const SYSTEM: Record<string, Endpoint> = {
  ping: () => ({}),
  getLicense: () => ({ license: { valid: true } }),
  tokenInfo: ({ user }) => ({ tokenInfo: { username: user } }),
  getUser: ({ parameters, user }) => {
    const asked = optional(parameters, "username") ?? user;
    if (asked !== user) throw new RestError("forbidden", "a key may only ask about itself");
    return { user: describeUser(user) };
  },
  getScanStatus: ({ library }) => scanStatus(library.songs.length),
  // There is nothing to scan: what is stored is here at once.
  startScan: ({ library }) => scanStatus(library.songs.length),
};

function scanStatus(count: number) {
  return { scanStatus: { scanning: false, count } };
}

function describeUser(username: string) {
  return {
    username,
    scrobblingEnabled: true,
    adminRole: false,
    settingsRole: false,
    downloadRole: true,
    uploadRole: false,
    playlistRole: true,
    coverArtRole: false,
    commentRole: false,
    podcastRole: false,
    streamRole: true,
    jukeboxRole: false,
    shareRole: false,
    videoConversionRole: false,
    folder: [FOLDER.id],
  };
}
