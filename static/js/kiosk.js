// The kiosk. Every page works without this; with it the next page is fetched and swapped in, so that a machine with
// nobody beside it never stands on an error page of the browser: while the line is cut it says so and tries again.

import { pageOf } from "./trusted.js";

const QUIET_WARNING = 10;
const BEAT = 30_000;
const RETRY = 4_000;
const PARTS = [".hall-band", "[data-kiosk]", ".hall-foot"];

let flight = null; // the page that is on its way
let touched = performance.now();
let waiting = null; // what was asked for when the line was cut: sent again, its key makes it one number
let cut = false;
let stale = false;
let retry = 0;
let soon = 0; // what is typed is looked for when the fingers rest

const main = () => document.querySelector("[data-kiosk]");
const fact = (name) => main()?.dataset[name] ?? "";
const part = (name) => document.querySelector(`[data-${name}]`);
const idle = () => (performance.now() - touched) / 1000;
const quiet = () => Number(fact("quiet")) || 45;

// `only`: the places of the page that are swapped; the rest, a field with what is being typed, stays as it is.
// A later tap takes the place of an earlier one, but never of a form that is on its way.
async function go(url, options = {}, only = null) {
  clearTimeout(soon);
  if (flight?.posting) return;
  flight?.abort();
  const own = new AbortController();
  own.posting = options.method === "POST";
  flight = own;
  const late = setTimeout(() => own.abort("late"), 15_000);
  document.body.classList.toggle("kiosk-waits", !only);
  try {
    const answer = await fetch(url, { cache: "no-store", credentials: "same-origin", headers: { Accept: "text/html" }, signal: own.signal, ...options });
    const page = await pageOf(answer);
    if (flight !== own) return;
    if (page.querySelector("[data-kiosk]")) arrive(page, answer, own.posting && !answer.redirected, only);
    else if (answer.ok) location.replace(answer.url); // shut out: the page that takes a code
    else throw new Error(String(answer.status));
  } catch {
    if (flight !== own) return;
    waiting = { url, options };
    lost();
  } finally {
    clearTimeout(late);
    if (flight === own) {
      flight = null;
      document.body.classList.remove("kiosk-waits");
    }
  }
}

const home = () => { waiting = null; return go(fact("start")); };
const styles = (page) => [...page.querySelectorAll("link[rel=stylesheet]")].map((link) => link.getAttribute("href")).join();

function arrive(page, answer, posted, only) {
  found();
  waiting = null;
  stale = false;
  // A newer version of the platform is running: take all of it, now that it is known to answer.
  if (!posted && styles(page) !== styles(document)) { location.replace(answer.url); return; }
  if (only?.some((place) => !page.querySelector(place))) only = null;
  for (const place of only ?? PARTS) document.querySelector(place).replaceWith(page.querySelector(place));
  document.documentElement.lang = page.documentElement.lang;
  document.title = page.title;
  if (!posted) history.replaceState(null, "", answer.url);
  if (only) { more(); return; }
  touched = performance.now();
  ready();
}

// The results follow what is typed, once the fingers rest for a moment; what was found before stays until then.
function look(form) {
  clearTimeout(soon);
  soon = setTimeout(() => go(`${form.action}?${new URLSearchParams(new FormData(form))}`, {}, ["[data-results]"]), 300);
}

function ready() {
  const field = document.querySelector("[autofocus]");
  (field ?? main()).focus({ preventScroll: true });
  const keys = part("keys");
  if (keys) {
    keys.hidden = false;
    // The page has keys of its own: the machine's would cover them.
    part("pad").inputMode = "none";
    const letters = part("letters");
    if (letters) letters.hidden = true;
  }
  main().addEventListener("scroll", more, { passive: true });
  more();
  cutToLength();
  print();
}

// Printed once, and marked before: a page that is loaded again finds the mark.
function print() {
  const key = fact("print");
  const printed = (sessionStorage.getItem("cetak") ?? "").split(" ");
  if (!key || printed.includes(key)) return;
  sessionStorage.setItem("cetak", [...printed.slice(-50), key].join(" "));
  requestAnimationFrame(() => setTimeout(() => window.print()));
}

// The paper is as long as what stands on it.
function cutToLength() {
  const slip = document.querySelector(".slip");
  const sheet = [...document.styleSheets].find((one) => one.href?.endsWith("/css/kiosk.css"));
  if (!slip || !sheet) return;
  const old = [...sheet.cssRules].findIndex((rule) => rule instanceof CSSPageRule);
  if (old >= 0) sheet.deleteRule(old);
  sheet.insertRule(`@page { size: 80mm ${Math.ceil((slip.offsetHeight / 96) * 25.4) + 2}mm; margin: 0; }`, sheet.cssRules.length);
}

function more() {
  const button = part("more");
  const page = main();
  if (button) button.hidden = page.scrollHeight - page.clientHeight - page.scrollTop < 40;
}

// The line to the server. What has been given already stays to be read; tiles that lead nowhere don't.
function lost() {
  cut = true;
  show();
  clearTimeout(retry);
  retry = setTimeout(beat, RETRY);
}

function found() {
  cut = false;
  clearTimeout(retry);
  show();
}

function show() {
  const line = part("line");
  if (line) line.hidden = !cut;
  const cover = part("offline");
  if (cover) cover.hidden = !cut || (fact("page") === "number" && !waiting);
}

async function beat() {
  const alive = fact("alive");
  if (!alive || flight) return;
  try {
    const answer = await fetch(alive, { cache: "no-store", credentials: "same-origin", redirect: "manual", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(8_000) });
    const told = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) { found(); await home(); return; }
    if (!told) throw new Error(String(answer.status));
    const { mark, closed } = await answer.json();
    const before = cut && (waiting ?? { url: fact("start"), options: {} });
    found();
    if (closed) { if (fact("page") !== "down") await home(); return; }
    if (fact("page") === "down") { await home(); return; }
    stale = fact("page") === "start" && mark !== fact("mark");
    if (before && waiting) await (idle() < quiet() ? go(before.url, before.options) : home());
  } catch {
    lost();
  }
}

// Nobody touches it any more: ask, count down, begin anew.
function tick() {
  const asking = part("asking");
  if (cut || flight || !asking) { if (asking) asking.hidden = true; return; }
  const page = fact("page");
  if (page === "down") return;
  if (page === "start") {
    const foreign = document.documentElement.lang !== fact("language");
    if ((stale && idle() > 10) || (foreign && idle() > quiet())) home();
    return;
  }
  const back = Number(fact("back"));
  const left = Math.ceil((back || quiet()) - idle());
  if (left <= 0) { asking.hidden = true; home(); return; }
  const ask = !back && left <= QUIET_WARNING;
  if (ask) part("left").textContent = String(left);
  if (asking.hidden === ask) {
    asking.hidden = !ask;
    if (ask) part("stay").focus({ preventScroll: true });
  }
}

for (const kind of ["pointerdown", "keydown", "input", "wheel"]) addEventListener(kind, () => { touched = performance.now(); }, { passive: true, capture: true });

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link && !event.defaultPrevented) {
    event.preventDefault();
    const next = new URL(link.href);
    const typing = document.querySelector("form[data-live]");
    // What is being typed goes along to another language.
    if (typing && link.hreflang) next.searchParams.set("q", typing.elements.q.value);
    if (next.origin === location.origin) next.href.startsWith(new URL(fact("start"), location).href) ? home() : go(next.href);
    return;
  }
  if (event.target.closest("[data-stay]")) tick();
  const down = event.target.closest("[data-more]");
  if (down) main().scrollBy({ top: main().clientHeight * 0.8, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  const key = event.target.closest("[data-key], [data-clear]");
  const field = part("pad");
  if (key && field) {
    const signs = key.dataset.key;
    field.value = signs === undefined ? "" : signs ? (field.value + signs).slice(0, field.maxLength) : field.value.slice(0, -1);
    field.focus({ preventScroll: true });
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-live]");
  if (form) look(form);
});

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  event.preventDefault();
  const form = event.target;
  const fields = new URLSearchParams(new FormData(form));
  if (event.submitter?.name) fields.set(event.submitter.name, event.submitter.value);
  if (form.method === "post") go(form.action, { method: "POST", body: fields });
  else go(`${form.action}?${fields}`);
});

// At the start a scanner needs no tap before: what is typed as fast as no hand types, up to Enter, is a code.
let typed = "";
let lastKey = 0;
document.addEventListener("keydown", (event) => {
  const form = part("scan");
  if (!form || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.timeStamp - lastKey > 500) typed = "";
  lastKey = event.timeStamp;
  if (event.key.length === 1) typed += event.key;
  if (event.key !== "Enter" || typed.length < 5) return;
  event.preventDefault();
  form.elements.nomor.value = typed;
  typed = "";
  form.requestSubmit();
});

// A scanner types into whatever is focused: on the page that takes a code that is always its field.
document.addEventListener("focusout", () => setTimeout(() => {
  const field = part("pad");
  if (field && document.activeElement === document.body) field.focus({ preventScroll: true });
}, 300));

addEventListener("online", beat);
addEventListener("offline", lost);
addEventListener("resize", more);
setInterval(beat, BEAT);
setInterval(tick, 500);
ready();
