// The administrator listens: single recordings, and the whole sentence with what the form says now.

import { Voice } from "./announcer.js";

const status = document.querySelector("[data-sound-status]");
const test = document.querySelector("[data-sound-test]");
const form = document.querySelector("[data-sound-form]");
// Here a unit's name is its address.
const voice = new Voice((address) => address);
const LANGUAGES = { id: ["id"], en: ["en"], both: ["id", "en"], none: [] };
let playing = false;

const tell = (what) => { if (status) status.textContent = status.dataset[what] ?? ""; };

async function play(lists, volume) {
  if (playing) return;
  if (!await voice.wake()) { tell("refused"); return; }
  playing = true;
  tell("playing");
  try {
    const sentences = await Promise.all(lists.map((list) => voice.sentence(list)));
    const units = lists.filter((_list, place) => sentences[place].length).flat();
    document.dispatchEvent(new CustomEvent("announced", { detail: { units, volume } }));
    await voice.play(sentences.map((sounds, place) => [sounds, place > 1 ? 0.45 : 0.1]), volume);
  } finally {
    playing = false;
    tell("done");
  }
}

if (test) {
  test.hidden = false;
  const samples = JSON.parse(test.dataset.samples);
  test.querySelector("[data-play-sample]").addEventListener("click", () => {
    const fields = new FormData(form);
    const volume = Math.min(100, Math.max(0, Number.parseInt(fields.get("volume"), 10) || 0));
    play([[test.dataset.bell], ...(LANGUAGES[fields.get("speak")] ?? []).map((language) => samples[language])], volume);
  });
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-play]");
  if (button) play([[button.dataset.play]], 100);
});
