// The npm package ioc-extractor over the documents of a file: peers.cjs FILE SECONDS, like peers.py. It is run in
// the folder that holds node_modules.
"use strict";

const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const [file, seconds] = process.argv.slice(2);
let extract;
try {
  extract = createRequire(`${process.cwd()}/`)("ioc-extractor").extractIOC;
} catch {
  process.exit(3);
}
const count = (text) => Object.values(extract(text)).reduce((sum, values) => sum + (values?.length ?? 0), 0);
count("192.0.2[.]1 hxxp://evil[.]example[.]com/a");
let read = 0;
let found = 0;
const start = process.cpuUsage();
const elapsed = () => process.cpuUsage(start).user / 1e6;
for (const document of readFileSync(file, "utf8").split("\0")) {
  found += count(document);
  read += Buffer.byteLength(document);
  if (elapsed() > Number(seconds)) break;
}
console.log(read, elapsed(), found);
