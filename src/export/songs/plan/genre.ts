/** Words for kinds of music as prompts use them. */
const GENRES =
  "acid jazz|acoustic|afrobeat|alternative rock|alternative|ambient|americana|baroque pop|bebop|big band|bluegrass|blues|bossa nova|breakbeat|britpop|celtic|chamber pop|chanson|chillout|chillwave|choral|cinematic|city pop|classical|country|cumbia|dance|dancehall|dark ambient|death metal|deep house|disco|downtempo|dream pop|drill|drone|drum and bass|dub|dubstep|edm|electro|electronica|electronic|electropop|emo|eurodance|fado|flamenco|folk rock|folk|funk|future bass|garage rock|gospel|grime|grunge|hard rock|hardcore|heavy metal|hip hop|hip-hop|house|hyperpop|indie folk|indie pop|indie rock|indie|industrial|j-pop|jazz|jungle|k-pop|latin|lo-fi|lofi|mariachi|metal|motown|musical|neo soul|neo-soul|new age|new wave|opera|orchestral|pop punk|pop|post-punk|post-rock|power metal|progressive house|progressive rock|psychedelic rock|psychedelic|punk|r&b|ragtime|rap|reggae|reggaeton|rock|salsa|samba|shoegaze|ska|smooth jazz|soft rock|soul|soundtrack|surf rock|swing|synth pop|synth-pop|synthpop|synthwave|tango|techno|trance|trap|trip hop|trip-hop|uk garage|vaporwave|waltz|world|中文|古风|国风|摇滚|民谣|流行|爵士|电子|说唱"
    .split("|")
    .toSorted((one, other) => other.length - one.length);

/** The first kind of music that a prompt names, in its words; the longest where several begin there. Null for none. */
export function genreOf(prompt: string | null): string | null {
  const text = (prompt ?? "").toLowerCase();
  let best: { at: number; genre: string } | null = null;
  for (const genre of GENRES) {
    const at = positionOf(text, genre);
    if (at >= 0 && (best === null || at < best.at)) best = { at, genre };
  }
  return best?.genre ?? null;
}

/** Where it is a word of its own, -1 if nowhere; Chinese has no spaces between. */
function positionOf(text: string, genre: string): number {
  if (!/^[a-z]/.test(genre)) return text.indexOf(genre);
  for (let at = text.indexOf(genre); at >= 0; at = text.indexOf(genre, at + 1))
    if (!/[\p{L}\p{N}]/u.test(text[at - 1] ?? " ") && !/[\p{L}\p{N}]/u.test(text[at + genre.length] ?? " ")) return at;
  return -1;
}
