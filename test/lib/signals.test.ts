import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it, test } from "vitest";

const MODULE = new URL("../../src/lib/signals.ts", import.meta.url).href;

/** A program that waits for a signal, then does `then` for as long as it likes. */
async function program(then: string) {
  const code = `const { listenForSignals } = await import(${JSON.stringify(MODULE)});
    const signals = listenForSignals((line) => console.log(line));
    const busy = setInterval(() => {}, 1000);
    signals.signal.addEventListener("abort", () => { console.log("reason", signals.signal.reason.message, signals.exitCode); ${then} });
    console.log("ready");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  let message = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (message += text));
  await once(child.stdout, "data");
  return { child, message: () => message };
}

async function ended(child: Awaited<ReturnType<typeof program>>["child"]): Promise<number | null> {
  return child.exitCode ?? ((await once(child, "exit")) as [number | null])[0];
}

describe("listenForSignals", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("L137: %s asks for an orderly end with %i", async (name, exitCode) => {
    const { child, message } = await program(
      "clearInterval(busy); process.exitCode = signals.exitCode; signals[Symbol.dispose]();",
    );
    child.kill(name);
    expect(await ended(child)).toBe(exitCode);
    expect(message()).toContain(`reason ${name} ${exitCode}`);
    expect(message().includes("Ctrl-C again")).toBe(name === "SIGINT");
  });

  it("L138: a second one ends at once, with the code of the first", async () => {
    const { child } = await program("");
    child.kill("SIGTERM");
    await once(child.stdout, "data");
    child.kill("SIGINT");
    expect(await ended(child)).toBe(143);
  });

  it("L138: a program that does not end is ended all the same", async () => {
    const { child } = await program("");
    child.kill("SIGINT");
    expect(await ended(child)).toBe(130);
  });
});
