import { parentPort, workerData } from "node:worker_threads";
import { openMaker, runJobs, type Job, type MakerOptions } from "./run-jobs.ts";

/** A thread that makes files: it is sent jobs, and answers with what came of them. */
const maker = await openMaker(workerData as MakerOptions);
parentPort?.on("message", (jobs: Job[]) => parentPort?.postMessage(runJobs(maker, jobs)));
