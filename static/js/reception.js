// The front desk by keyboard: what is typed narrows the services at once, arrows walk through them, Enter opens.
// Without this file the search is a form that the server answers.

const desk = document.querySelector("[data-services]");
const search = desk.querySelector("[data-search]");
const field = search.elements.q;
const none = desk.querySelector("[data-none]");
const number = document.querySelector("[data-find-number]");
const arrived = document.querySelector("[data-arrived]");
const items = [...desk.querySelectorAll("[data-words]")].map((link) => ({
  link,
  row: link.closest("li"),
  words: link.dataset.words.toLowerCase(),
}));
const groups = [...desk.querySelectorAll("[data-agency]")];
const asked = field.value;

const shown = () => items.filter((item) => !item.row.hidden && item.link.matches("a")).map((item) => item.link);

function narrow() {
  const typed = field.value.trim().toLowerCase();
  const wanted = typed === asked.toLowerCase() ? [] : typed.split(/\s+/).filter(Boolean);
  for (const item of items) item.row.hidden = !wanted.every((word) => item.words.includes(word));
  for (const group of groups) group.hidden = !group.querySelector("li:not([hidden])");
  none.hidden = items.some((item) => !item.row.hidden);
  mark();
}

// The service that Enter would open.
function mark() {
  const [first] = shown();
  const typing = field.value.trim() && field.value.trim() !== asked;
  for (const { link } of items) link.classList.toggle("first", Boolean(typing) && link === first);
}

field.addEventListener("input", narrow);
search.addEventListener("submit", (event) => {
  const [first] = shown();
  const typed = field.value.trim();
  if (!typed || typed === asked || !first || event.submitter?.matches(":focus")) return;
  event.preventDefault();
  location.assign(first.href);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "F2") { event.preventDefault(); field.focus(); field.select(); return; }
  if (event.key === "F6") { event.preventDefault(); arrived.focus(); arrived.select(); return; }
  if (event.key === "F4") { event.preventDefault(); number.focus(); number.select(); return; }
  if (event.key === "Escape" && event.target === field) { field.value = ""; narrow(); return; }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = shown();
  const at = links.indexOf(document.activeElement);
  if (event.target !== field && at < 0) return;
  event.preventDefault();
  const next = at + (event.key === "ArrowDown" ? 1 : -1);
  if (next < 0) field.focus();
  else links[Math.min(next, links.length - 1)]?.focus();
});

narrow();
