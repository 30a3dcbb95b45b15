// What Microsoft's renderer makes of adaptive cards of the schema that Webex shows (1.3).
// Given a list of cards, prints for each {"failures": [...], "texts": [...], "actions": [...]}.
import { readFileSync } from "node:fs";
// The bundle: the modules of the package name each other in a way that only bundlers resolve.
import AdaptiveCards from "adaptivecards/dist/adaptivecards.js";

// Webex shows five buttons a card at most.
const hostConfig = new AdaptiveCards.HostConfig({ actions: { maxActions: 5 } });

function judged(json) {
  const card = new AdaptiveCards.AdaptiveCard();
  card.hostConfig = hostConfig;
  const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_3);
  card.parse(json, context);
  const events = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
  const invalid = card.validateProperties().validationEvents.map((event) => event.message);
  const elements = Array.from({ length: card.getItemCount() }, (_, index) => card.getItemAt(index));
  const actions = Array.from({ length: card.getActionCount() }, (_, index) => card.getActionAt(index));
  return {
    failures: [...events, ...invalid],
    texts: elements.filter((element) => element instanceof AdaptiveCards.TextBlock).map((block) => block.text),
    actions: actions.map((action) => ({
      title: action.title,
      data: action.data,
      url: action.url,
    })),
  };
}

const cards = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cards.map(judged)));
