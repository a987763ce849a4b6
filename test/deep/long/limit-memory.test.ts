import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { limitMemory } from "../../../src/lib/limit-memory.ts";

const MB = 1024 * 1024;

describe("boundMemory", () => {
  it("gives back bytes that nobody holds, though nothing else asks for room", async () => {
    const before = process.memoryUsage().arrayBuffers;
    using _memory = limitMemory({ bytesMb: 8 });
    let held: Uint8Array[] | undefined = Array.from({ length: 40 }, () => new Uint8Array(MB));
    await setTimeout(500);
    expect(process.memoryUsage().arrayBuffers - before, "what is held stays").toBeGreaterThan(35 * MB);
    expect(held).toHaveLength(40);
    held = undefined;
    await setTimeout(800);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * MB);
  });
});
