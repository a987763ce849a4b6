import { join } from "node:path";
import autocannon from "autocannon";
import { archivePath } from "../src/db/archive-file.ts";
import { connect } from "../src/db/connection.ts";
import { uuidOf } from "../src/demo/library/ids.ts";
import { makeRecord } from "../test/stand-in/make-record.ts";
import { alternate, best, type Bench } from "./bench.ts";
import { makeBigArchive } from "./big-archive.ts";
import { ratioFigure, type Figure } from "./figures.ts";
import { PROGRAM } from "./mirror.ts";
import { endNode, firstLine, startNode } from "./served.ts";

const TASKS = 100_000;
const BATCH = 50;
const ROUNDS = 3;
const SECONDS = 5;
const CONNECTIONS = 10;
/** The rate may be 0.4 of the bare server's. */
const MOST = 1 / 0.4;
/** Different questions, so that no answer is the one just given. */
const QUESTIONS = 400;

/** `retrieve_batch` of 50 from 100,000 tasks, against a bare server that sends a body of the same size. */
export async function replay({ folder, signal, note }: Bench): Promise<Figure[]> {
  const home = join(folder, "replay");
  await makeBigArchive(home, TASKS, signal);
  giveDocuments(home);
  const questions = Array.from({ length: QUESTIONS }, (_, n) => questionOf(n));
  const ours = startNode([PROGRAM, "serve", "--home", home, "--listen", "127.0.0.1:0"]);
  const children = [ours];
  try {
    const url = await firstLine(ours);
    const answer = await fetch(`${url}${questions[0]?.path}`, questions[0]);
    const size = (await answer.arrayBuffer()).byteLength;
    note(`an answer has ${(size / 1000).toFixed(0)} kB`);
    const bare = startNode(["-e", BARE, String(size)]);
    children.push(bare);
    const bareUrl = await firstLine(bare);
    const measure = (target: string) => async () => {
      const { requests, duration, non2xx, errors } = await autocannon({
        url: target,
        connections: CONNECTIONS,
        duration: SECONDS,
        requests: questions,
      });
      if (non2xx + errors > 0) throw new Error(`${non2xx} refused, ${errors} failed`);
      return (duration * 1000) / requests.total;
    };
    const [mine = [], floor = []] = await alternate(ROUNDS, measure(url), measure(bareUrl));
    return [ratioFigure(`replay of ${BATCH}, each`, "ms", best(mine), best(floor), MOST)];
  } finally {
    for (const child of children) await endNode(child);
  }
}

const BARE = `const body = Buffer.alloc(Number(process.argv[1]), "x");
const server = require("node:http").createServer((request, response) => {
  request.resume().once("end", () => response.writeHead(200, { "Content-Type": "application/json", "Content-Length": body.length }).end(body));
}).listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + server.address().port));`;

function questionOf(n: number) {
  const ids = Array.from({ length: BATCH }, (_, at) => uuidOf(`task ${(n * 7919 + at * 1999) % TASKS}`));
  const body = JSON.stringify({ action: "retrieve_batch", ids });
  return { method: "POST", path: "/producer/tasks", headers: { "content-type": "application/json" }, body };
}

/** Records as long as real ones. */
function giveDocuments(home: string): void {
  const db = connect(archivePath(home));
  const update = db.$client.prepare("update task_documents set document = ? where task_id = ?");
  db.$client.transaction(() => {
    for (let n = 0; n < TASKS; n++) {
      const id = uuidOf(`task ${n}`);
      update.run(JSON.stringify({ ...makeRecord(n), id }), id);
    }
  })();
  db.$client.close();
}
