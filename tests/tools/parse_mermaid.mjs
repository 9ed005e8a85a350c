// Parses the diagram on standard input with mermaid's own parser; the argument is the folder that holds node_modules.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve as path } from "node:path";
import { pathToFileURL } from "node:url";

const { resolve } = createRequire(join(path(process.argv[2]), "package.json"));
const { JSDOM } = (await import(pathToFileURL(resolve("jsdom")))).default;
const { window } = new JSDOM();
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import(pathToFileURL(resolve("mermaid")));

try {
  const { diagramType } = await mermaid.parse(readFileSync(0, "utf-8"));
  console.log(diagramType);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
