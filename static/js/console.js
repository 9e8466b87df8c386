// The officer's console. Every act also works as a plain form; this sends it without a new page, sends it again while
// the network is away (with the same key, so that it happens once), and keeps the screen fresh.

import { htmlOf } from "./trusted.js";

const root = document.querySelector("[data-console]");
const body = root.querySelector("[data-body]");
const form = document.getElementById("aksi");
const notice = root.querySelector("[data-notice]");
const connection = root.querySelector("[data-connection]");
const words = connection.querySelector("[data-words]");
const EVERY = Number(root.dataset.seconds) * 1000;
// A second press so soon was meant for the button that stood there before.
const GUARD = 700;
// The server is away, not wrong: PostgreSQL restarts, a new version is put in place, too much is asked at once.
const AWAY = new Set([429, 502, 503, 504]);
// Any other failure of the server is tried again so often, then said.
const FAULTS = 3;
// Left for the page that comes after signing in again.
const LEFT = "loket-pesan";

let offset = Number(root.dataset.now) - Date.now();
let etag = null;
let confirmed = Number(root.dataset.now);
let sending = false;
let helping = false;
let asked = 0;
let guardedUntil = 0;
let timer;

const clock = new Intl.DateTimeFormat("id", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: root.dataset.zone });
const at = (moment) => `${clock.format(moment).replace(":", ".")} ${root.dataset.zoneLabel}`;
// Waits, but not longer than the network is away.
const sleep = (milliseconds) => new Promise((resolve) => {
  setTimeout(resolve, milliseconds);
  addEventListener("online", resolve, { once: true });
});
const freshKey = () => [...crypto.getRandomValues(new Uint8Array(18))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function show(on, text) {
  connection.classList.toggle("off", !on);
  const said = text ?? `${on ? connection.dataset.on : connection.dataset.off} ${at(confirmed)}`;
  if (words.textContent !== said) words.textContent = said;
}

function tick() {
  const now = Date.now() + offset;
  for (const field of body.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((now - Number(field.dataset.since)) / 1000));
    const text = `${Math.floor(seconds / 60)}.${String(seconds % 60).padStart(2, "0")}`;
    if (field.textContent !== text) field.textContent = text;
  }
}

// Buttons keep their places; the main one rests for a moment when its meaning has changed.
function swap(html) {
  const before = body.firstElementChild?.dataset.consoleState;
  const opened = new Map([...body.querySelectorAll("details[id]")].map((part) => [part.id, part.open]));
  const focused = body.contains(document.activeElement) ? document.activeElement.id : "";
  body.innerHTML = html;
  rest();
  for (const part of body.querySelectorAll("details[id]")) if (opened.has(part.id)) part.open = opened.get(part.id);
  if (body.firstElementChild?.dataset.consoleState !== before) guardedUntil = performance.now() + GUARD;
  if (focused) document.getElementById(focused)?.focus();
  tick();
}

// While an act is on its way no other can be begun, but help can always be called; what was chosen in the fields stays readable.
function rest() {
  for (const button of document.querySelectorAll("button[form=aksi]:not([data-help])")) {
    if (sending && !button.disabled) { button.disabled = true; button.dataset.rests = ""; }
    else if (!sending && "rests" in button.dataset) { button.disabled = false; delete button.dataset.rests; }
  }
}

// The page is opened anew, where a session that has ended leads to signing in; what did not happen is said there.
function leave(text) {
  if (text) sessionStorage.setItem(LEFT, text);
  location.assign("/loket");
}

async function refresh() {
  const turn = ++asked;
  clearTimeout(timer);
  try {
    const headers = { Accept: "text/html", ...(etag ? { "If-None-Match": etag } : {}) };
    const answer = await fetch(root.dataset.url, { headers, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(6000) });
    if (answer.status === 410 || answer.status === 401 || answer.redirected) {
      // An act that is on its way will learn it by itself, and say so.
      if (!sending) leave("");
      return;
    }
    if (!answer.ok && answer.status !== 304) throw new Error(String(answer.status));
    const html = answer.status === 200 ? await htmlOf(answer) : null;
    // An older answer that comes late must not undo a newer one.
    if (turn !== asked) return;
    if (html !== null) { etag = answer.headers.get("ETag"); swap(html); }
    confirmed = Date.parse(answer.headers.get("Date")) || Date.now() + offset;
    if (Math.abs(confirmed - Date.now() - offset) > 2000) offset = confirmed - Date.now();
    if (!sending) show(true);
  } catch {
    if (!sending) show(false);
  }
  if (turn === asked) timer = setTimeout(refresh, EVERY * (0.9 + Math.random() * 0.2));
}

async function send(url, data, quiet = false) {
  let faults = 0;
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    let answer = null;
    try {
      answer = await fetch(url, { method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "same-origin", signal: AbortSignal.timeout(8000) });
    } catch { /* the network is away: the same key goes out again below */ }
    if (answer && !AWAY.has(answer.status) && (answer.status < 500 || ++faults >= FAULTS)) return answer;
    show(false, quiet ? undefined : connection.dataset.sending);
    if (!quiet) notice.textContent = connection.dataset.sending;
    await sleep(wait);
  }
}

// A session that has ended answers with its sign-in page, a token of an older one with 400.
function shutOut(answer) {
  if (answer.redirected || answer.status === 400 || answer.status === 401) leave(connection.dataset.ended);
  else if (answer.status === 403 || answer.status === 404) leave(connection.dataset.refused);
  else return false;
  return true;
}

// A call for help waits for nothing: no other act on its way, no rest of the main button. It says nothing either, for
// who sits across the counter reads this screen too: a small tick on its button is the answer.
async function help(url) {
  if (helping) return;
  helping = true;
  const data = new FormData();
  data.set("csrf_token", form.elements.csrf_token.value);
  data.set("kunci", freshKey());
  const answer = await send(url, data, true);
  helping = false;
  if (shutOut(answer)) return;
  if (answer.status === 409) { leave(connection.dataset.refused); return; }
  if (!answer.ok) notice.textContent = connection.dataset.failed;
  others?.postMessage("");
  await refresh();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (event.submitter && "help" in event.submitter.dataset) { help(event.submitter.formAction); return; }
  if (sending || performance.now() < guardedUntil) return;
  const url = event.submitter?.formAction ?? form.action;
  const data = new FormData(form);
  if (event.submitter?.name) data.set(event.submitter.name, event.submitter.value);
  data.set("kunci", freshKey());
  const pressed = event.submitter?.id;
  sending = true;
  rest();
  body.setAttribute("aria-busy", "true");
  notice.textContent = connection.dataset.going;
  const answer = await send(url, data);
  if (shutOut(answer)) return;
  const said = await answer.json().catch(() => ({ notice: connection.dataset.failed }));
  // The officer sits at no counter any more: a colleague has taken over, or it was closed.
  if (answer.status === 409 && !("field" in said)) { leave(connection.dataset.refused); return; }
  // In another tab they have moved to another counter: this page is drawn anew for that one.
  if (said.moved) { leave(said.notice); return; }
  sending = false;
  rest();
  body.removeAttribute("aria-busy");
  notice.textContent = said.notice ?? "";
  if (answer.ok) for (const name of ["alasan", "sebab", "kelas", "sebab-kelas", "layanan", "tujuan"]) form.elements[name].value = "";
  const next = !answer.ok && said.field ? said.field : pressed;
  if (next) document.getElementById(next)?.focus();
  others?.postMessage("");
  await refresh();
});

// Other tabs of this officer look at once; what they show is the server's.
const others = "BroadcastChannel" in window ? new BroadcastChannel("loket") : null;
if (others) others.onmessage = () => { if (!sending) refresh(); };

// app.js lets a form go only once in a while; this one guards itself.
document.addEventListener("submit", (event) => { if (event.target === form) delete form.dataset.sent; });

// The stream only says that something has changed; what it is, the server says to this officer alone.
function listen() {
  const stream = new EventSource(root.dataset.stream);
  let first = true;
  stream.onmessage = () => { if (!first && !sending) refresh(); first = false; };
  stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 15000); };
}

const left = sessionStorage.getItem(LEFT);
if (left) { sessionStorage.removeItem(LEFT); notice.textContent = left; }
addEventListener("online", refresh);
addEventListener("offline", () => show(false));
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
setInterval(tick, 500);
tick();
listen();
refresh();
