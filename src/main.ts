#!/usr/bin/env node
import * as module from "node:module";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`producer-mirror needs Node 22.19 or newer; this is Node ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  module.enableCompileCache();
  const { main } = await import("./program.ts");
  await main();
}
