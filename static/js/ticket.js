// A ticket that is called says so also to a phone in the pocket: title and a short buzz. The page itself is kept
// fresh by live.js; this only reacts to what it brought.

const body = document.querySelector("[data-live-body]");
const state = () => body?.querySelector("[data-ticket-state]");
// Only these change nothing around the live part but the way out of the line.
const QUIET = new Set(["called", "serving"]);
let shown = state()?.dataset.ticketState;
const service = state()?.dataset.ticketService;

document.addEventListener("live:changed", () => {
  const now = state();
  if (!now || (now.dataset.ticketState === shown && now.dataset.ticketService === service)) return;
  shown = now.dataset.ticketState;
  if (!QUIET.has(shown) || now.dataset.ticketService !== service) { location.reload(); return; }
  // Once called, the place in line can't be given up any more.
  document.querySelector("[data-leave]")?.setAttribute("hidden", "");
  if (shown !== "called") return;
  document.title = now.dataset.ticketTitle;
  navigator.vibrate?.([300, 150, 300]);
});

// While the line to the server is cut, that stands above the number, not only in small letters below it.
const live = document.querySelector("[data-live-url]");
const banner = document.querySelector("[data-offline]");
if (live && banner) {
  new MutationObserver(() => { banner.hidden = !live.classList.contains("off"); })
    .observe(live, { attributes: true, attributeFilter: ["class"] });
}
