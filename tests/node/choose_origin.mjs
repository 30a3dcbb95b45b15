// Runs a CloudFront Function's code on events: {code, events} in, [{uri, origin}] out; `origin` is
// the one that it selects, null for that of the behaviour.
import { readFileSync } from "node:fs";

const IMPORT = "import cf from 'cloudfront';";
const { code, events } = JSON.parse(readFileSync(0, "utf8"));
if (!code.startsWith(IMPORT)) throw new Error("CloudFront's module is not imported first");

function run(event) {
  let origin = null;
  const cf = { selectRequestOriginById: (id) => { origin = id; } };
  const handler = new Function("cf", `"use strict";${code.slice(IMPORT.length)}; return handler;`)(cf);
  return { ...handler({ version: "1.0", request: event }), origin };
}

console.log(JSON.stringify(events.map(run)));
