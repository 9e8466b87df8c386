// The display's sound: who turns it on, what it says of itself, and an enrolled display's sign of life.

import { Announcer, Voice } from "./announcer.js";
import { pageOf } from "./trusted.js";

const ALIVE = 30000;
const put = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };

/** Returns a function that takes each new board. `now` gives the server's time in milliseconds. */
export function startSound(root, now) {
  const { dataset } = root;
  const enrolled = Boolean(dataset.alive);
  const button = document.querySelector("[data-sound-on]");
  const words = document.querySelector("[data-sound-words]");
  const units = JSON.parse(dataset.units);
  const samples = JSON.parse(dataset.samples);
  // Survives a reload of the page: what was called meanwhile is not lost, what was said is not said again.
  const key = `terdengar:${location.pathname}`;
  let sound = JSON.parse(dataset.sound);
  let tested = sound.test;

  const recording = (unit, version) => `/suara/${unit}.ogg?v=${version}-${dataset.release}`;
  const voice = new Voice(recording, (unit, version) => `${recording(unit, version)}&asal=nasional`);
  const announcer = new Announcer(voice, {
    clock: now,
    zone: dataset.zone,
    heard: kept(key) ?? JSON.parse(dataset.heard),
    name: enrolled ? async (id) => (await (await fetch(`/panggilan/${id}/nama`)).json()).name : null,
  });

  announcer.silent = dataset.speaks === "0";
  let leave = null;

  const configure = (next) => {
    const changed = voice.version !== next.voice || String(sound.languages) !== String(next.languages);
    sound = next;
    voice.use(next.voice);
    announcer.configure(next);
    if (changed && voice.ready) preload();
  };
  const preload = () => voice.preload(["id/bel", ...sound.languages.flatMap((l) => units[l].map((unit) => `${l}/${unit}`))]);

  const show = () => {
    const { ready } = voice;
    const { silent } = announcer;
    button.hidden = ready || silent;
    words.parentElement.hidden = !ready && !silent;
    if (!announcer.speaking) put(words, silent ? words.dataset.silent : announcer.quiet ? words.dataset.quiet : sound.volume ? words.dataset.on : words.dataset.mute);
  };
  const turnOn = async () => {
    if (!announcer.silent && !voice.ready && await announcer.on()) preload();
    show();
  };

  for (const type of ["announced", "passed"]) {
    announcer.addEventListener(type, ({ detail }) => root.dispatchEvent(new CustomEvent(type, { detail, bubbles: true })));
  }
  announcer.addEventListener("announced", ({ detail }) => put(words, `${words.dataset.saying} ${detail.number}`));
  announcer.addEventListener("power", show);
  button.addEventListener("click", turnOn);
  voice.use(sound.voice);
  announcer.configure(sound);
  // What the administrator has changed: nobody has to go to the screen.
  const follow = ({ home, speaks, release }) => {
    announcer.silent = !speaks;
    turnOn();
    if (home !== location.pathname) leave = () => location.replace(home);
    else leave = release === dataset.release ? null : () => location.reload();
  };
  if (enrolled) {
    // A kiosk's browser lets it sound at once; any other wants one touch, wherever it falls.
    turnOn();
    for (const type of ["pointerdown", "keydown"]) addEventListener(type, turnOn);
    keepAlive(dataset, follow);
  }
  show();
  setInterval(() => {
    show();
    // No sentence is broken off.
    if (leave && !announcer.speaking) { leave(); leave = null; }
  }, 1000);

  return (board) => {
    configure(board.sound);
    announcer.hear(board.aloud);
    sessionStorage.setItem(key, JSON.stringify(announcer.heard));
    if (board.sound.test > tested) {
      tested = board.sound.test;
      if (enrolled && !announcer.silent) announcer.test(board.sound.languages.map((l) => samples[l].map((unit) => `${l}/${unit}`)));
    }
  };
}

/** The ids of the calls that this page has met before it was loaded again; null when there are none. */
function kept(key) {
  const found = JSON.parse(sessionStorage.getItem(key) ?? "null");
  return Array.isArray(found) ? found : null;
}

function keepAlive(dataset, follow) {
  const tell = async () => {
    const answer = await fetch(dataset.alive, { method: "POST", headers: { "X-CSRFToken": dataset.csrf }, signal: AbortSignal.timeout(8000) }).catch(() => null);
    const told = answer?.ok ? await answer.json().catch(() => null) : null;
    if (told) follow(told);
    // Shut out by the administrator: the page shows itself again as anybody's.
    if (answer?.status === 404) location.reload();
    // The token lives half a day, a display for weeks.
    if (answer?.status === 400) await renew(dataset).catch(() => {});
  };
  setInterval(tell, ALIVE * (0.9 + Math.random() * 0.2));
}

async function renew(dataset) {
  const page = await pageOf(await fetch(location.href, { cache: "no-store" }));
  dataset.csrf = page.querySelector("[data-board]")?.dataset.csrf ?? dataset.csrf;
}
