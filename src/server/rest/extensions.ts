/** What this server has beyond the API of Subsonic; players ask before they log in. */
export const EXTENSIONS = {
  openSubsonicExtensions: ["apiKeyAuthentication", "formPost", "songLyrics"].map((name) => ({ name, versions: [1] })),
};
