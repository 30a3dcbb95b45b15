// Judges activities that a bot sends with Microsoft's schema: prints the findings of each, as a list of texts.
// In: [activity, ...]. The library's types want more than the protocol does; what the Bot Connector
// fills in is filled in here.
import schema from "botframework-schema";
import { readFileSync } from "node:fs";

const BY_THE_CONNECTOR = {
  localTimezone: "", callerId: "", serviceUrl: "", channelId: "", text: "", label: "", valueType: "",
};
const HERO = "application/vnd.microsoft.card.hero";
const oneOf = (names) => new Set(Object.values(names));

function findings(activity) {
  const found = [];
  const check = (what, assert) => {
    try { assert(); } catch (error) { found.push(`${what}: ${error.message}`); }
  };
  const member = (what, names, value) => {
    if (!oneOf(names).has(value)) found.push(`${what}: ${value}`);
  };
  const account = (given) => ({ name: "", ...given });
  check("activity", () => schema.assertActivity({
    ...BY_THE_CONNECTOR, ...activity, from: account(activity.from), recipient: account(activity.recipient),
    conversation: { isGroup: false, conversationType: "", name: "", ...activity.conversation },
  }));
  member("type", schema.ActivityTypes, activity.type);
  if (activity.attachmentLayout) member("layout", schema.AttachmentLayoutTypes, activity.attachmentLayout);
  const actions = [...(activity.suggestedActions?.actions ?? [])];
  for (const attachment of activity.attachments ?? []) {
    check("attachment", () => schema.assertAttachment(attachment));
    if (attachment.contentType !== HERO) continue;
    const { buttons = [], tap } = attachment.content;
    actions.push(...buttons, ...(tap ? [tap] : []));
    if (buttons.length > 6) found.push(`card: ${buttons.length} buttons`);
  }
  for (const action of actions) {
    check("action", () => schema.assertCardAction(action));
    member("action's type", schema.ActionTypes, action.type);
    if (action.value === undefined || action.value === "") found.push(`action: ${action.title} has no value`);
  }
  return found;
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(findings)));
