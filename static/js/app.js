// Niceties of every page. Each one works on what the server has already rendered; without this file nothing is lost.

const store = {
  read: (key) => { try { return JSON.parse(localStorage.getItem(key) ?? "[]"); } catch { return []; } },
  write: (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* private mode: ticks last as long as the page */ } },
};

// Ticks of a checklist stay on this phone; nothing is sent.
for (const list of document.querySelectorAll("[data-checklist]")) {
  const key = `bawaan:${list.dataset.checklist}`;
  const boxes = [...list.querySelectorAll("input[type=checkbox]")];
  const count = list.querySelector("[data-checklist-count]");
  const show = () => {
    if (!count) return;
    const done = boxes.filter((box) => box.checked).length;
    count.textContent = `${done} ${count.dataset.of} ${boxes.length} ${count.dataset.done}`;
    count.hidden = done === 0;
  };
  const kept = new Set(store.read(key));
  for (const box of boxes) box.checked = kept.has(box.dataset.key);
  list.addEventListener("change", () => {
    store.write(key, boxes.filter((box) => box.checked).map((box) => box.dataset.key));
    show();
  });
  show();
}

// After a refused form the focus goes to the summary, and from there to the field.
document.querySelector("[data-focus]")?.focus();
document.querySelector(".error-summary")?.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.scrollIntoView({ block: "center" });
});

// A form is sent once, however often the button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 4000);
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Share, copy and print buttons appear only where the browser can do it.
for (const button of document.querySelectorAll("[data-share]")) {
  const url = button.dataset.share || location.href;
  if (!navigator.share && !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      if (navigator.share) await navigator.share({ title: document.title, url });
      else { await navigator.clipboard.writeText(url); button.querySelector("span").textContent = button.dataset.copied ?? "Tersalin"; }
    } catch { /* the visitor closed the share sheet */ }
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Timers count up from what the server said; the clock of the device is not trusted, only its pace.
const timers = () => document.querySelectorAll("[data-timer]");
if (timers().length || document.querySelector("[data-timers]")) {
  const begun = new WeakMap();
  setInterval(() => {
    for (const timer of timers()) {
      if (!begun.has(timer)) begun.set(timer, performance.now() - Number(timer.dataset.timer) * 1000);
      const seconds = Math.max(0, Math.floor((performance.now() - begun.get(timer)) / 1000));
      const text = `${Math.floor(seconds / 60)}.${String(seconds % 60).padStart(2, "0")}`;
      if (timer.textContent !== text) timer.textContent = text;
    }
  }, 500);
}

// Keys of a console: a button that shows a key is pressed by it, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select")) return;
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const button = document.querySelector(`button[aria-keyshortcuts="${CSS.escape(key)}"]:not(:disabled)`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
