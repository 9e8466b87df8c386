// The preview follows the form while it is being filled. Colours are judged and themes are made by the server alone;
// without this file the preview shows the saved draft and "Pakai warna ini" is an ordinary button.

import { htmlOf, pageOf } from "./trusted.js";

const form = document.querySelector("[data-branding]");
const frames = [...document.querySelectorAll("[data-preview-frame]")];
const colours = ["color_1", "color_2"].map((name) => form.elements[name]);
const here = form.querySelector("[data-colours-here]");
const note = document.querySelector("[data-preview-note]");
note.textContent = note.dataset.live;

const after = (wait, work) => { let timer; return () => { clearTimeout(timer); timer = setTimeout(work, wait); }; };
const chosen = () => Object.fromEntries(colours.map((input) => [input.name, input.value.toLowerCase()]));
const address = (path, values) => `${path}?${new URLSearchParams(values)}`;

// Stylesheets are taken away only when the one in their place has arrived, so nothing flashes; the last asked for wins.
const swap = (page, ours, href) => {
  const old = [...page.querySelectorAll("link[rel=stylesheet]")].filter(ours);
  const last = old.at(-1);
  if (!last || last.getAttribute("href") === href) return;
  const fresh = last.cloneNode();
  fresh.href = href;
  const done = () => old.forEach((link) => link.remove());
  fresh.addEventListener("load", done);
  fresh.addEventListener("error", done);
  last.after(fresh);
};

const paint = () => {
  const values = chosen();
  const theme = (link) => link.getAttribute("href").startsWith(form.dataset.themeUrl);
  swap(document, theme, address(form.dataset.themeUrl, { ...values, untuk: "contoh" }));
  for (const frame of frames) {
    const page = frame.contentDocument;
    if (!page?.body) continue;
    swap(page, theme, address(form.dataset.themeUrl, values));
    const motif = form.elements.motif.value;
    if (motif) page.body.className = page.body.className.replace(/motif-[a-z-]+/, `motif-${motif}`);
  }
};

const judge = after(150, async () => {
  const answer = await fetch(address(form.dataset.colours, chosen()), { headers: { Accept: "text/html" } });
  if (answer.ok) here.innerHTML = await htmlOf(answer);
});

// The words come from the server too: the real page with what stands in the form, laid into the frames in place.
let latest = 0;
// A refused form comes back with what was typed, which the saved draft in the frames does not say.
let touched = Boolean(document.querySelector(".error-summary"));
const write = after(400, async () => {
  const turn = ++latest;
  const fields = new FormData(form);
  fields.delete("logo_file");
  const answer = await fetch(form.dataset.preview, { method: "POST", body: fields });
  if (!answer.ok || turn !== latest) return;
  const page = await pageOf(answer);
  for (const frame of frames) {
    const old = frame.contentDocument;
    if (old?.body) old.body.replaceWith(old.importNode(page.body, true));
  }
  paint();
});

form.addEventListener("input", (event) => {
  if (event.target.name === "note" || event.target.type === "file") return;
  touched = true;
  if (colours.includes(event.target)) { paint(); judge(); } else if (event.target.name === "motif") paint();
  else write();
});

form.addEventListener("click", (event) => {
  const offer = event.target.closest("button[name^=use_]");
  if (!offer) return;
  event.preventDefault();
  const input = form.elements[offer.name.slice(4)];
  input.value = offer.value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.focus();
});

// A link in the preview would lead the frame away from what is being made.
for (const frame of frames) {
  const hold = () => frame.contentDocument?.addEventListener("click", (event) => {
    if (event.target.closest("a, button")) event.preventDefault();
  });
  frame.addEventListener("load", () => { hold(); if (touched) write(); });
  if (frame.contentDocument?.readyState === "complete") hold();
}
