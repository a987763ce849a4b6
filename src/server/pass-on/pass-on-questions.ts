import { changeArchive } from "../../app/write-archive.ts";
import { importText } from "../../archive/import-text.ts";
import type { About } from "../workers/about.ts";

/** What an application that uses the API through us tells about its tasks. */
export const PASS_ON_QUESTIONS = {
  keepAnswer: ({ config }: About, { text }: { text: string }) => {
    const options = { source: "pass-on", now: Date.now(), explicit: false };
    const { added, records } = changeArchive(config, (archive) => importText(archive, text, options));
    return { added, records };
  },
};
