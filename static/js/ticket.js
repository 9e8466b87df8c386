// A ticket that is called says so also to a phone in the pocket: title and a short buzz. The page itself is kept
// fresh by live.js; this only reacts to what it brought.

const body = document.querySelector("[data-live-body]");
const state = () => body?.querySelector("[data-ticket-state]");
const OVER = new Set(["completed", "no_show", "cancelled", "past"]);
let shown = state()?.dataset.ticketState;

document.addEventListener("live:changed", () => {
  const now = state();
  if (!now || now.dataset.ticketState === shown) return;
  shown = now.dataset.ticketState;
  if (OVER.has(shown)) { location.reload(); return; }
  // Once called, the place in line can't be given up any more.
  document.querySelector("[data-leave]")?.setAttribute("hidden", "");
  if (shown !== "called") return;
  document.title = now.dataset.ticketTitle;
  navigator.vibrate?.([300, 150, 300]);
});
