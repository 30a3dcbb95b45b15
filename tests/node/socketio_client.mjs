// Runs one client of npm's socket.io-client through a scenario (tests/e2e/sockets/scenario.py):
// JSON on standard input, what the client saw as JSON on standard output.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const PATIENCE = 60_000; // milliseconds

async function read() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

const given = await read();
const log = [];
const waiting = [];

function note(...entry) {
  log.push(entry);
  for (const wake of waiting.splice(0)) wake();
}

async function until(name, count) {
  const end = Date.now() + PATIENCE;
  while (log.filter((entry) => entry[0] === name).length < count) {
    if (Date.now() > end) throw new Error(`no ${name}: ${JSON.stringify(log)}`);
    await Promise.race([
      new Promise((wake) => waiting.push(wake)),
      new Promise((wake) => setTimeout(wake, 250)),
    ]);
  }
}

const io = require(`socket.io-client-${given.version}`);
const socket = io(given.url + (given.namespace ?? ""), {
  path: given.path,
  transports: given.transports ?? ["polling", "websocket"],
  auth: given.auth,
  query: given.query,
  forceNew: true,
  reconnectionDelay: 200,
  reconnectionDelayMax: 1000,
});

socket.on("connect", () => {
  note("connect", socket.id, socket.recovered ?? false);
  for (const [event, ...args] of given.on_connect ?? []) socket.emit(event, ...args);
});
socket.on("connect_error", (error) => note("refused", error.message));
if (given.version === "2") socket.on("error", (error) => note("refused", error.message ?? error));
else socket.on("error", (data) => note("error", data));
socket.on("disconnect", (reason) => note("disconnect", reason));
for (const event of given.events) socket.on(event, (...args) => note(event, ...args));

const steps = {
  emit: ([event, ...args]) => socket.emit(event, ...args),
  ask: ([event, ...args]) => socket.emit(event, ...args, (...acks) => note("ack", ...acks)),
  wait: ([name, count]) => until(name, count),
  drop: () => socket.io.engine.transport.ws.terminate(),
  tell: (url) => fetch(url, { method: "POST" }),
  transport: async (name) => {
    const end = Date.now() + PATIENCE;
    while (socket.io.engine.transport.name !== name) {
      if (Date.now() > end) throw new Error(`still on ${socket.io.engine.transport.name}`);
      await new Promise((wake) => setTimeout(wake, 20));
    }
    note("transport", name);
  },
  rest: (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds)),
};

try {
  for (const [step, argument] of given.steps) await steps[step](argument);
  console.log(JSON.stringify(log));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  socket.close();
  setTimeout(() => process.exit(), 200).unref();
}
