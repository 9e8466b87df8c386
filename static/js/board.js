// The hall's display. The server has drawn the first state; from here each event brings the whole next one, so that a
// lost event loses nothing. Without the stream it polls the same value.

import { startSound } from "./board-sound.js";
import { Recent } from "./recent.js";

const root = document.querySelector("[data-board]");
const find = (name, from = document) => from.querySelector(`[data-${name}]`);
const connection = find("connection");
const POLL = 5000;
const RETRY = 15000;
// The stream gives a sign of life every 15 seconds: after two missed ones the line is dead, whatever it claims.
const SILENCE = 35000;
const TEXT_SECONDS = 12;

// What fits in two lines of the running text; longer notices come piece by piece.
const TEXT_LENGTH = 130;

function pieces(all) {
  return all.flatMap((text) => {
    const found = [""];
    for (const word of text.split(" ")) {
      if (found.at(-1).length + word.length > TEXT_LENGTH) found.push("");
      found[found.length - 1] = `${found.at(-1)} ${word}`.trim();
    }
    return found;
  });
}

let version = root.dataset.version;
let offset = Number(root.dataset.now) - Date.now();
let updated = Number(root.dataset.now);
const called = new Recent(JSON.parse(root.dataset.heard));
let texts = pieces([...find("texts").children].map((child) => child.textContent));
let stream = null;
let heard = performance.now();
let polling = null;

const zone = { timeZone: root.dataset.zone };
const hours = new Intl.DateTimeFormat("id", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...zone });
const days = new Intl.DateTimeFormat("id", { weekday: "long", day: "numeric", month: "long", year: "numeric", ...zone });
const at = (moment) => `${hours.format(moment).replace(":", ".")} ${root.dataset.zoneLabel}`;
const put = (element, text) => { if (element && element.textContent !== String(text)) element.textContent = text; };
const now = () => Date.now() + offset;
const hear = startSound(root, now);

function show(on) {
  connection.classList.toggle("off", !on);
  put(find("words", connection), `${on ? connection.dataset.on : connection.dataset.off}, ${connection.dataset.updated} ${at(updated)}`);
}

function list(parent, template, items, fill) {
  while (parent.children.length > items.length) parent.lastElementChild.remove();
  while (parent.children.length < items.length) parent.append(template.content.firstElementChild.cloneNode(true));
  items.forEach((item, index) => fill(parent.children[index], item));
}

function call(next) {
  const box = find("calling");
  box.hidden = !next;
  find("empty").hidden = Boolean(next);
  if (!next) return;
  const label = find("label", box);
  put(label, next.waiting ? label.dataset.callingNow : label.dataset.calledLast);
  put(find("number", box), next.number);
  put(find("counter", box), next.counter);
  put(find("place", box), next.place);
  box.classList.toggle("old", !next.waiting);
  // One soft blink for each call, also of the same number: the class is taken off and put on again.
  if (next.waiting && !called.has(next.id)) {
    box.classList.remove("fresh");
    void box.offsetWidth;
    box.classList.add("fresh");
  }
}

/** Set the page's clock by the server's time in milliseconds: a display's own may be wrong by hours. */
function tell(moment) {
  offset = moment - Date.now();
  updated = moment;
}

// A state may have waited long before it was sent, so its own `now` is no clock for what comes by the stream.
function draw(board) {
  // Also a board that looks the same may hold a call that this page has not heard yet.
  hear(board);
  if (board.version === version) return;
  version = board.version;
  call(board.calling);
  for (const { id } of board.aloud) called.add(id);
  list(find("last", root), find("call-template"), board.last, (row, item) => {
    put(find("number", row), item.number);
    put(find("counter", row), item.counter);
  });
  list(find("counters", root), find("counter-template"), board.counters, (row, item) => {
    row.className = `counter-now ${item.state}`;
    put(find("number", row), item.number);
    put(find("word", row), item.ticket ?? row.dataset[item.state] ?? "");
  });
  const absent = board.counters.filter((counter) => counter.state === "absent");
  find("nobody", root).hidden = !absent.length;
  put(find("nobody-numbers", root), absent.map((counter) => counter.number).join(", "));
  find("next-part", root).hidden = !board.next.length;
  list(find("next", root), find("next-template"), board.next, put);
  put(find("people", root), board.people);
  texts = pieces(board.running);
}

function listen() {
  stream?.close();
  stream = new EventSource(root.dataset.stream);
  heard = performance.now();
  const alive = () => { heard = performance.now(); stopPolling(); show(true); };
  stream.onmessage = (event) => { draw(JSON.parse(event.data)); alive(); };
  stream.addEventListener("beat", (event) => { tell(Number(event.data)); alive(); });
  stream.onerror = () => {
    show(false);
    startPolling();
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, RETRY);
  };
}

async function poll() {
  try {
    const answer = await fetch(root.dataset.poll, { headers: { "If-None-Match": `"${version}"` }, cache: "no-store", signal: AbortSignal.timeout(4000) });
    if (!answer.ok && answer.status !== 304) throw new Error(String(answer.status));
    if (answer.status === 200) {
      const board = await answer.json();
      tell(board.now);
      draw(board);
    } else tell(Date.parse(answer.headers.get("Date")) || now());
    show(true);
  } catch {
    show(false);
  }
}

function startPolling() {
  if (polling) return;
  poll();
  polling = setInterval(poll, POLL * (0.9 + Math.random() * 0.2));
}

function stopPolling() {
  clearInterval(polling);
  polling = null;
}

setInterval(() => {
  put(find("clock"), at(now()));
  put(find("day"), days.format(now()));
  if (texts.length) put(find("running"), texts[Math.floor(now() / 1000 / TEXT_SECONDS) % texts.length]);
  if (performance.now() - heard > SILENCE && stream?.readyState !== EventSource.CLOSED) {
    show(false);
    startPolling();
    listen();
  }
}, 1000);
listen();
