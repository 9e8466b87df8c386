// Keeps a fragment of the page fresh by asking the server with an ETag. The server's first content is always there;
// this only replaces it, and says when the shown state was last confirmed, in the region's own zone.

import { htmlOf } from "./trusted.js";

const zones = { WIB: "Asia/Jakarta", WITA: "Asia/Makassar", WIT: "Asia/Jayapura" };

const clock = (date, zone) =>
  new Intl.DateTimeFormat("id", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zones[zone] ?? "Asia/Jakarta" })
    .format(date).replace(":", ".");

class Live {
  constructor(root) {
    this.root = root;
    this.body = root.querySelector("[data-live-body]");
    this.status = root.querySelector("[data-live-status]");
    this.words = root.querySelector("[data-live-words]");
    this.every = Math.max(3, Number(root.dataset.liveSeconds) || 10) * 1000;
    this.etag = null;
    this.failures = 0;
    this.confirmed = null;
    this.plan(this.every);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.ask(); });
    addEventListener("online", () => this.ask());
    addEventListener("offline", () => this.show(false));
  }

  // Jitter of a fifth either way, so that a full hall does not ask in the same second.
  plan(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), delay * (0.8 + Math.random() * 0.4));
  }

  async ask() {
    if (document.hidden) { this.plan(this.every); return; }
    if (this.asking) return;
    this.asking = true;
    try {
      const headers = { Accept: "text/html", ...(this.etag ? { "If-None-Match": this.etag } : {}) };
      const answer = await fetch(this.root.dataset.liveUrl, { headers, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(8000) });
      if (answer.status === 410) { location.reload(); return; } // gone: the page itself has changed
      if (!answer.ok && answer.status !== 304) throw new Error(String(answer.status));
      if (answer.redirected) { location.reload(); return; }
      if (answer.status === 200) this.swap(await htmlOf(answer), answer.headers.get("ETag"));
      this.confirmed = new Date(answer.headers.get("Date") ?? Date.now());
      this.failures = 0;
      this.show(true);
      this.plan(this.every);
    } catch {
      this.failures += 1;
      this.show(false);
      this.plan(Math.min(this.every * 2 ** this.failures, 60000));
    } finally {
      this.asking = false;
    }
  }

  // Only a real difference touches the page: a screen reader hears no repetition, and the focus stays where it is.
  swap(html, etag) {
    this.etag = etag;
    if (String(html) === this.last) return;
    this.last = String(html);
    const focused = this.body.contains(document.activeElement) ? document.activeElement.id : "";
    this.body.innerHTML = html;
    if (focused) document.getElementById(focused)?.focus();
    this.root.dispatchEvent(new CustomEvent("live:changed", { bubbles: true }));
  }

  show(on) {
    this.root.classList.toggle("off", !on);
    if (!this.words) return;
    const { on: yes, off: no, updated } = this.status.dataset;
    const zone = this.root.dataset.liveZone;
    const text = (on ? yes : no) + (this.confirmed ? `, ${updated} ${clock(this.confirmed, zone)} ${zone}` : "");
    if (this.words.textContent !== text) this.words.textContent = text;
  }
}

for (const root of document.querySelectorAll("[data-live-url]")) new Live(root);
