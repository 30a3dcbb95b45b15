// Reads Adaptive Cards with Microsoft's own renderer: prints the findings of each, as a list of texts.
// In: [card, ...].
import { readFileSync } from "node:fs";
import AdaptiveCards from "adaptivecards/dist/adaptivecards.js";

function findings(card) {
  const context = new AdaptiveCards.SerializationContext();
  const parsed = new AdaptiveCards.AdaptiveCard();
  parsed.parse(card, context);
  const found = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
  return [...found, ...parsed.validateProperties().validationEvents.map((event) => event.message)];
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(findings)));
