import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanPart, LONGEST, nameBytes } from "../../../../src/export/songs/plan/clean-name.ts";
import { planFiles } from "../../../../src/export/songs/plan/plan-files.ts";
import { DEFAULT_TEMPLATE, parseTemplate, PLACEHOLDERS } from "../../../../src/export/songs/plan/template.ts";
import { nameKey, spelledName } from "../../../../src/lib/files/spelled-name.ts";
import { clipsOf, song } from "../songs.ts";

const MEAN = [
  "..",
  "../../../etc/passwd",
  "/etc/passwd",
  "C:\\Windows\\x",
  "CON",
  "nul.txt",
  "COM¹",
  "aux .m4a",
  "a\u202egpj.exe",
  "\u0000\u001b[2J\u009b",
  "dot. . .",
  " .hidden",
  "~",
  "-rf",
  "\ud800",
  "e\u0301",
  "\u00e9",
  "\u212b",
  "Straße",
  "STRASSE",
  "ﬁne",
  "fine",
  "👩‍👩‍👧‍👦".repeat(40),
  "春の夜".repeat(80),
  "a\u0301".repeat(300),
  "x".repeat(300),
  "All songs",
  "All songs.m3u8",
  "cover",
  "2025-12.m3u8",
  "Song [1dd08826]",
  "Song (2)",
  "\u200b\u2060",
  "\ue000\uffff",
];
const titles = fc.oneof(
  fc.constantFrom(...MEAN),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: "grapheme" }),
);
const templates = fc.oneof(
  fc.constantFrom(DEFAULT_TEMPLATE, "{title}", "{title}/{title}", "{album}/{title}", "{model}/{root}/{title} {seed}"),
  fc
    .array(
      fc.array(
        fc.oneof(fc.constantFrom(...PLACEHOLDERS.map((name) => `{${name}}`)), fc.constantFrom(" - ", "x", ".", "CON")),
        { minLength: 1, maxLength: 5 },
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) => parts.map((part) => `${part.join("")}x`).join("/")),
);
/** Some share the beginning of their ids, as real ones do one time in many. */
const ids = fc
  .tuple(fc.constantFrom("1dd08826", "1DD08826", "ffffffff"), fc.uuid())
  .map(([start, id]) => start.toLowerCase() + id.slice(8));
const songs = fc
  .uniqueArray(
    fc.record({
      clipId: ids,
      title: titles,
      model: titles,
      action: titles,
      createdAt: fc.integer({ min: 0, max: 4e12 }),
    }),
    {
      maxLength: 12,
      selector: ({ clipId }) => clipId,
    },
  )
  .map((list) => list.map((values, at) => song(at, { ...values, seed: values.title })));

const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;

/** What some file system would not take, or take for something else. */
function flawOf(part: string): string | undefined {
  if (Buffer.byteLength(part) > 255 || Buffer.byteLength(part.normalize("NFD")) > 255) return "long";
  if (part === "" || /^\.|[. ]$/.test(part)) return "ends";
  if (part.startsWith("-")) return "option";
  if (/[<>:"/\\|?*]/.test(part)) return "windows";
  if (/[\p{Cc}\p{Cs}\p{Bidi_Control}]/u.test(part)) return "unseen";
  if (RESERVED.test(part)) return "device";
  return part === part.normalize("NFC") ? undefined : "not composed";
}

describe("names", () => {
  test("are fit for every file system, with every ending, and no two are one anywhere", () => {
    fc.assert(
      fc.property(songs, templates, fc.constantFrom("month" as const, "family" as const), (list, template, album) => {
        const files = planFiles(list, clipsOf(list), { template: parseTemplate(template), album });
        const paths = files.map(({ path }) => path);
        for (const part of paths.flatMap((path) => path.split("/")))
          expect([part, flawOf(part)]).toEqual([part, undefined]);
        // A folder counts as a name too, and one spelling of it is enough.
        const folders = new Set(
          paths.flatMap((path) => path.split("/").map((_, at, parts) => parts.slice(0, at).join("/"))).filter(Boolean),
        );
        const all = [...paths, ...folders];
        expect(new Set(all.map(nameKey)).size).toBe(all.length);
      }),
      { numRuns: 400 },
    );
  });

  test("are known for one by each letter's other forms, as file systems that fold names know them", () => {
    const letters = Array.from({ length: 0x20000 - 0x20 }, (_, at) => String.fromCodePoint(at + 0x20));
    const forms = (letter: string) => [
      letter.toUpperCase(),
      letter.toLowerCase(),
      letter.normalize("NFD"),
      letter.normalize("NFC"),
    ];
    const others = letters.filter((letter) => forms(letter).some((one) => nameKey(one) !== nameKey(letter)));
    expect(others).toEqual([]);
    expect(nameKey("STRA\u1e9eE")).toBe(nameKey("strasse"));
  });

  test.each([
    ["as it is", "rain", ["Rain", "rain"], "rain"],
    ["in its other normal form", "\u00e9", ["E\u0301", "e\u0301"], "e\u0301"],
    ["in another case", "Rain", ["rain", "raın"], "rain"],
    ["in another case and normal form", "\u00c9", ["e\u0301"], "e\u0301"],
    ["not at all", "rain", ["train"], "rain"],
  ])("are found in a folder %s", (_how, name, names, wanted) => {
    expect(spelledName(name, names)).toBe(wanted);
  });

  test("do not depend on the order in which songs come", () => {
    fc.assert(
      fc.property(songs, templates, (list, text) => {
        const template = parseTemplate(text);
        const plan = (some: typeof list) =>
          new Map(
            planFiles(some, clipsOf(list), { template, album: "month" }).map(({ kind, owner, path }) => [
              `${kind} ${owner}`,
              path,
            ]),
          );
        expect(plan(list.toReversed())).toEqual(plan(list));
      }),
      { numRuns: 100 },
    );
  });

  test("are clean when they are cleaned again", () => {
    fc.assert(
      fc.property(titles, (title) => {
        expect(cleanPart(cleanPart(title))).toBe(cleanPart(title));
      }),
    );
  });

  test("keep the id when a title is cut, and what a reader takes for a character whole", () => {
    const long = song(1, {
      title: `${"a\u0301".repeat(20)}${"👩‍👩‍👧‍👦".repeat(40)}`,
      clipId: "1dd08826-478e-43a6-868f-aff5ababac2c",
    });
    const [file] = planFiles([long], clipsOf([long]), { template: parseTemplate(DEFAULT_TEMPLATE), album: "month" });
    expect(file?.path).toMatch(/^2025\/12\/á{20}(👩‍👩‍👧‍👦)+ \[1dd08826\]\.m4a$/u);
    expect(nameBytes(file?.path.split("/").at(-1) ?? "")).toBeGreaterThan(LONGEST - 40);
  });

  test("that fall together all get their id, and then a number", () => {
    const list = ["Rain", "rain", "RAIN", "Snow"].map((title, at) => song(at, { title, lyric: null, image: null }));
    const twin = song(9, {
      title: "rain",
      clipId: `${list[1]!.clipId.slice(0, 8)}-ffff-4000-8000-000000000000`,
      lyric: null,
      image: null,
    });
    const plan = planFiles([...list, twin], clipsOf([...list, twin]), {
      template: parseTemplate("{title}"),
      album: "month",
    });
    const id8 = (at: number) => list[at]!.clipId.slice(0, 8);
    expect(plan.filter(({ kind }) => kind === "audio").map(({ path }) => path)).toEqual([
      `Rain [${id8(0)}].m4a`,
      `rain [${id8(1)}].m4a`,
      `RAIN [${id8(2)}].m4a`,
      "Snow.m4a",
      `rain [${id8(1)}] (2).m4a`,
    ]);
  });
});

describe("--template", () => {
  test.each([
    ["{titel}", /knows no \{titel\}/],
    ["{}", /knows no \{\}/],
    ["{title", /a brace without its other one/],
    ["{title}}", /a brace without its other one/],
    ["{{title}", /a brace without its other one/],
    ["../../../keep/{title}", /leads out/],
    ["/{title}", /empty part/],
    ["a//{title}", /empty part/],
    ["{title}/", /empty part/],
    [" ", /empty part/],
    ["a/".repeat(9) + "{title}", /8 folders/],
    ["x".repeat(300), /bytes/],
  ])("%s is refused, with what there is", (text, message) => {
    expect(() => parseTemplate(text)).toThrow(message);
    expect(() => parseTemplate(text)).toThrow(
      expect.objectContaining({ exit: 2, hint: expect.stringContaining("title, model") as unknown }) as Error,
    );
  });

  test("every placeholder has a value", () => {
    const one = song(1, {
      clipId: "1dd08826-478e-43a6-868f-aff5ababac2c",
      title: "Neon",
      model: "M",
      action: "cover",
      seed: "7",
    });
    const text = PLACEHOLDERS.map((name) => `{${name}}`).join(",");
    const [file] = planFiles([one], clipsOf([one]), { template: parseTemplate(text), album: "month" });
    expect(file?.path).toBe("Neon,M,cover,2025-12-30,2025,12,30,1dd08826,Neon,2025-12,7.m4a");
  });
});
