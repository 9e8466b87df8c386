// The hall's voice: a bell, then recorded units joined without a gap. Everything comes from the page's own host and is
// decoded once, so a hall that loses its line to the world goes on speaking.
//
// Events of an Announcer: "announced" when a call begins to sound (its detail says which, and with what), "passed" for
// a call that is not said (its detail says why), "power" when sound became possible or impossible.

import { Recent } from "./recent.js";

const PAUSE = { afterBell: 0.12, betweenLanguages: 0.45, start: 0.06, end: 0.5 };
// A unit that doesn't come is done without: the bell rings all the same.
const PATIENCE = 4000;
// What waits to be said, at most; the oldest can be read on the board.
const MOST_WAITING = 6;
// A call that was missed longer ago than this isn't news any more.
const STALE = 60000;
const NAME_PATIENCE = 8000;
const VOICES_PATIENCE = 2000;
const BELL = { strokes: [[659.26, 0], [523.25, 0.45]], seconds: 1.3 };

const soon = (promise, milliseconds) => Promise.race([promise, new Promise((done) => setTimeout(done, milliseconds))]);

async function bytes(address) {
  const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.arrayBuffer();
}

/** Plays units on an AudioContext that exists once it is wanted. */
export class Voice {
  /** `address` gives where a unit's recording is, from its name and version; `spare` where the nation's own one is. */
  constructor(address, spare = null) {
    this.address = address;
    this.spare = spare;
    this.version = "";
    this.context = null;
    this.kept = new Map();
  }

  /** Make or wake the context. Returns whether it sounds now: browsers may first want a touch. */
  async wake() {
    this.context ??= new AudioContext();
    if (this.context.state !== "running") await soon(this.context.resume().catch(() => {}), 400);
    return this.ready;
  }

  get ready() { return this.context?.state === "running"; }

  /** Forget what was fetched when the recordings have changed. */
  use(version) {
    if (version === this.version) return;
    this.version = version;
    this.kept.clear();
  }

  /** Fetch and decode a unit once; what failed is tried again the next time. */
  unit(name) {
    if (!this.kept.has(name)) {
      const found = this.fetched(name);
      this.kept.set(name, found);
      found.catch(() => { if (this.kept.get(name) === found) this.kept.delete(name); });
    }
    return this.kept.get(name);
  }

  // The server can't play what a region has sent in. A recording that turns out to be no sound must not silence
  // every sentence it stands in: the national one takes its place.
  async fetched(name) {
    const own = await bytes(this.address(name, this.version));
    try { return await this.context.decodeAudioData(own); } catch (error) {
      if (!this.spare) throw error;
      return this.context.decodeAudioData(await bytes(this.spare(name, this.version)));
    }
  }

  /** Have every unit at hand before it is needed, two at a time. */
  async preload(names) {
    const left = [...names];
    const next = async () => { while (left.length) await this.unit(left.shift()).catch(() => {}); };
    await Promise.all([next(), next()]);
  }

  /** The units' sounds, or none at all: half a sentence would send people to the wrong counter. */
  async sentence(names) {
    try { return await Promise.all(names.map((name) => this.unit(name))); } catch { return []; }
  }

  async bell(name) {
    try { return await this.unit(name); } catch { return this.ownBell(); }
  }

  /** Two soft strokes as scripts/voice.py makes them, for when nothing could be fetched. */
  ownBell() {
    const { sampleRate } = this.context;
    const sound = this.context.createBuffer(1, BELL.seconds * sampleRate, sampleRate);
    const samples = sound.getChannelData(0);
    for (const [hertz, start] of BELL.strokes) {
      for (let index = Math.floor(start * sampleRate); index < samples.length; index += 1) {
        const moment = index / sampleRate - start;
        const angle = 2 * Math.PI * hertz * moment;
        samples[index] += 0.3 * Math.min(1, moment / 0.004) * Math.exp(-4.2 * moment) * (Math.sin(angle) + 0.3 * Math.sin(2 * angle));
      }
    }
    return sound;
  }

  /** Play [[sounds, pause before them], …] back to back at a volume of 0 to 100; resolves at the end. */
  async play(groups, volume) {
    const gain = this.context.createGain();
    gain.gain.value = volume / 100;
    gain.connect(this.context.destination);
    const start = this.context.currentTime + PAUSE.start;
    let at = start;
    let last = null;
    for (const [sounds, pause] of groups) {
      if (sounds.length) at += pause;
      for (const sound of sounds) {
        last = this.context.createBufferSource();
        last.buffer = sound;
        last.connect(gain);
        last.start(at);
        at += sound.duration;
      }
    }
    // A context that is put to sleep never ends a sound: the next call must not wait for it.
    if (last) await soon(new Promise((done) => { last.onended = done; }), (at - start + PAUSE.end) * 1000 + 1000);
    gain.disconnect();
  }
}

/** Says calls one after the other as a hall's settings want it. */
export class Announcer extends EventTarget {
  /**
   * `clock` gives the server's time in milliseconds, `zone` is the region's; `heard` are ids of calls that need no
   * saying; `name(id)` resolves to a name or null.
   */
  constructor(voice, { clock, zone, heard = [], name = null }) {
    super();
    this.voice = voice;
    this.clock = clock;
    this.hours = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
    this.heard = new Recent(heard);
    this.name = name;
    this.sound = null;
    // Another display of the room says it.
    this.silent = false;
    this.waiting = [];
    this.speaking = false;
  }

  /** Turn sound on; false while the browser wants a touch first. */
  async on() {
    this.voices();
    const ready = await this.voice.wake();
    if (!this.watched) {
      this.watched = true;
      this.voice.context.addEventListener("statechange", () => this.tell("power", { on: this.voice.ready }));
    }
    this.tell("power", { on: ready });
    return ready;
  }

  /** Take over a hall's settings. */
  configure(sound) { this.sound = sound; }

  /** Whether nothing sounds at this moment: local times, over midnight where the first is the later one. */
  get quiet() {
    const { quiet_from: from, quiet_to: to } = this.sound ?? {};
    if (!from || !to) return false;
    const now = this.hours.format(this.clock());
    return from < to ? from <= now && now < to : now >= from || now < to;
  }

  /** Hear which calls stand now (all of them, each time): new ones are said, those that have ended are dropped. */
  hear(calls) {
    const standing = new Set(calls.map((call) => call.id));
    this.drop((call) => !call.test && !standing.has(call.id), "over");
    for (const call of [...calls].sort((a, b) => a.id - b.id)) {
      const met = this.heard.has(call.id);
      this.heard.add(call.id);
      if (met) continue;
      // Only the newest call of a counter is worth saying.
      this.drop((other) => other.counter === call.counter, "newer");
      if (this.clock() - call.at > STALE) this.pass(call, "stale");
      else if (this.silent || !this.voice.ready) this.pass(call, "off");
      else this.waiting.push(call);
    }
    while (this.waiting.length > MOST_WAITING) this.pass(this.waiting.shift(), "many");
    this.next();
  }

  /** Sound once for whoever sets up the hall, in quiet hours too. */
  test(said) {
    if (!this.voice.ready) return;
    this.waiting.push({ id: 0, number: "A-012", counter: 3, said, test: true });
    this.next();
  }

  async next() {
    if (this.speaking) return;
    this.speaking = true;
    try {
      while (this.waiting.length) await this.say(this.waiting.shift());
    } finally {
      this.speaking = false;
    }
  }

  async say(call) {
    if (this.quiet && !call.test) { this.pass(call, "quiet"); return; }
    const { volume, names } = this.sound;
    const bell = await this.voice.bell("id/bel");
    const sentences = await Promise.all(call.said.map((units) => this.voice.sentence(units)));
    const groups = sentences.map((sounds, place) => [sounds, place ? PAUSE.betweenLanguages : PAUSE.afterBell]);
    const units = ["id/bel", ...call.said.filter((_units, place) => sentences[place].length).flat()];
    this.tell("announced", { id: call.id, number: call.number, counter: call.counter, units, volume, test: Boolean(call.test) });
    await this.voice.play([[[bell], 0], ...groups], volume);
    if (names && this.name && !call.test) await soon(this.sayName(call.id, volume), NAME_PATIENCE);
  }

  // Names aren't recorded. Where the browser has an Indonesian voice of its own, which needs no line, it says them;
  // everywhere else they stay unsaid.
  async sayName(id, volume) {
    await this.voices();
    const own = globalThis.speechSynthesis?.getVoices().find((voice) => voice.localService && /^id\b/i.test(voice.lang));
    const name = own ? await this.name(id).catch(() => null) : null;
    if (!name) return;
    const words = new SpeechSynthesisUtterance(name);
    Object.assign(words, { voice: own, lang: own.lang, volume: volume / 100 });
    await new Promise((done) => { words.onend = done; words.onerror = done; speechSynthesis.speak(words); });
  }

  /** Wait, once, for the browser to know its voices: asked for the first time, Chromium has none yet. */
  voices() {
    const speech = globalThis.speechSynthesis;
    const known = !speech || speech.getVoices().length;
    this.known ??= known ? Promise.resolve()
      : soon(new Promise((done) => speech.addEventListener("voiceschanged", done, { once: true })), VOICES_PATIENCE);
    return this.known;
  }

  drop(which, why) {
    for (const call of this.waiting.filter(which)) this.pass(call, why);
    this.waiting = this.waiting.filter((call) => !which(call));
  }

  pass(call, why) { this.tell("passed", { id: call.id, number: call.number, why }); }

  tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}
