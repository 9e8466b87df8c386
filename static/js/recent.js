// Which calls a page has met already. Ids grow as events are written, but events don't become visible in that order:
// the greatest id says nothing of the smaller ones, so each is remembered, the last few hundred of them.

const MOST = 300;

export class Recent {
  constructor(ids = []) { this.ids = new Set(ids); }

  has(id) { return this.ids.has(id); }

  /** Remember an id as the newest; the oldest are forgotten. */
  add(id) {
    this.ids.delete(id);
    this.ids.add(id);
    if (this.ids.size > MOST) this.ids.delete(this.ids.values().next().value);
  }

  toJSON() { return [...this.ids]; }
}
