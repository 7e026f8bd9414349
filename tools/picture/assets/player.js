// The player: steps through a recorded run.
//
// `<run-player>` holds a script of the run (JSON, written by picture::player) and, for whoever has no JavaScript and for print,
// the run as a picture and a table. This file adds the player beside them: the picture with a playhead, buttons, the source, and
// the state after each step. It fetches nothing, and it never scrolls the page.
"use strict";

(() => {
  /** An element with attributes and children. */
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };

  const SVG = "http://www.w3.org/2000/svg";
  const SPEEDS = [0.5, 1, 2, 4];
  const KEYS = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last" };
  /** So many steps a second are shown when a prediction was right. */
  const WATCHED = 4;
  /** From here on a pointer that is held down drags. */
  const DRAG = 6;
  const CARDS = 4;

  class RunPlayer extends HTMLElement {
    connectedCallback() {
      if (this.script) return;
      const script = this.querySelector('script[type="application/json"]');
      if (!script) return;
      this.script = JSON.parse(script.textContent);
      this.last = this.script.steps.length;
      if (this.last === 0) return;
      this.speed = 1;
      this.right = 0;
      this.predicting = Boolean(this.script.predict);
      this.build();
      this.classList.add("is-live");
      this.goTo(this.first);
    }

    disconnectedCallback() {
      this.pause();
    }

    /** The step before which one cannot go: while one predicts, also the first step is asked for. */
    get first() {
      return this.predicting ? 0 : 1;
    }

    /** The question that has to be answered next; none if nothing is asked any more. */
    get asked() {
      return (this.predicting && this.script.predict.asks[this.right]) || null;
    }

    /** The last step that may be shown. */
    get limit() {
      return this.asked ? this.asked.after : this.last;
    }

    // What can be done.

    goTo(step) {
      this.at = Math.max(this.first, Math.min(step, this.limit));
      this.show();
    }

    do(what) {
      const steps = {
        first: () => this.goTo(this.first),
        back: () => this.goTo(this.at - 1),
        forward: () => this.forward(),
        last: () => this.goTo(this.limit),
        play: () => (this.timer ? this.pause() : this.play()),
      };
      if (what !== "play") this.pause();
      steps[what]();
    }

    forward() {
      if (this.at < this.limit) return this.goTo(this.at + 1);
      if (this.asked) {
        this.verdict.textContent = "First say what comes next: put one of the cards into the empty place.";
        this.parts.cards.querySelector("button")?.focus({ preventScroll: true });
      }
    }

    play() {
      if (this.at === this.limit) {
        if (this.asked) return this.forward();
        this.goTo(this.first);
      }
      this.run(() => this.speed, this.limit);
    }

    /** Goes on by itself, so many steps a second, up to a step. */
    run(speed, end) {
      const next = () => {
        this.goTo(this.at + 1);
        if (this.at < end) this.timer = setTimeout(next, 1000 / speed());
        else this.pause();
      };
      this.timer = setTimeout(next, 1000 / speed());
      this.showPlaying();
    }

    pause() {
      if (!this.timer) return;
      clearTimeout(this.timer);
      this.timer = null;
      this.showPlaying();
    }

    // How it is built.

    build() {
      this.setAttribute("tabindex", "-1");
      this.addEventListener("keydown", (event) => this.onKey(event));
      this.parts = {};
      const live = make("div", { class: "run-live", role: "group", "aria-label": `Player: ${this.script.title}` });
      live.append(this.buildPicture(), this.buildControls());
      if (this.script.predict) live.append(this.buildPrediction());
      this.parts.now = make("p", { class: "run-now", role: "status" });
      live.append(this.parts.now, this.buildColumns());
      if (this.script.notes.length > 0) {
        this.parts.notes = make("p", { class: "run-notes" }, this.script.notes.join(" "));
        live.append(this.parts.notes);
      }
      this.append(live);
    }

    buildPicture() {
      const svg = this.querySelector(".run-static svg").cloneNode(true);
      for (const part of svg.querySelectorAll(":scope > title, :scope > desc, :scope > style")) part.remove();
      svg.removeAttribute("aria-labelledby");
      // The state and the lines below say the same, and say it in words.
      svg.setAttribute("aria-hidden", "true");
      // The names of the tracks may come to lie over other words, and are drawn last.
      for (const words of svg.querySelectorAll(".words")) words.append(...words.querySelectorAll(".name"));
      this.bands = [...svg.querySelectorAll(".band")].map((band) => new Band(band));
      this.timed = [...svg.querySelectorAll("[data-from]")].map((part) => ({
        part,
        from: Number(part.dataset.from),
        to: Number(part.dataset.to),
      }));
      const label = "Picture of the run; the lines of the run below say the same in words";
      this.parts.picture = make("div", { class: "run-image", tabindex: "0", role: "group", "aria-label": label }, svg);
      // The names of the tracks go along where the picture is wider than its place.
      this.parts.picture.addEventListener("scroll", () => svg.style.setProperty("--scrolled", `${this.parts.picture.scrollLeft}px`));
      return this.parts.picture;
    }

    buildControls() {
      const button = (what, text, keys) => {
        const made = make("button", { type: "button", "data-do": what, "aria-keyshortcuts": keys }, text);
        made.addEventListener("click", () => this.do(what));
        this.parts[what] = made;
        return made;
      };
      const range = make("input", { type: "range", step: "1", "aria-label": "Step" });
      range.addEventListener("input", () => {
        this.pause();
        this.goTo(Number(range.value));
      });
      const speed = make("select", {}, ...SPEEDS.map((speed) => new Option(`${speed} a second`, speed, speed === 1, speed === 1)));
      speed.addEventListener("change", () => {
        this.speed = Number(speed.value);
      });
      this.parts.range = range;
      this.parts.count = make("span", { class: "run-count" });
      const key = (name) => make("kbd", {}, name);
      return make(
        "div",
        { class: "run-controls", role: "group", "aria-label": "Controls of the player" },
        make(
          "div",
          { class: "run-buttons" },
          button("first", "First", "Home"),
          button("back", "Back", "ArrowLeft"),
          button("play", "Play", "Space"),
          button("forward", "Forward", "ArrowRight"),
          button("last", "Last", "End"),
        ),
        make("div", { class: "run-scrub" }, range, this.parts.count),
        make("label", { class: "run-speed" }, "Steps: ", speed),
        make(
          "p",
          { class: "run-keys" },
          "Keys, once you are in the player: ",
          key("←"), " ", key("→"), " one step, ", key("Space"), " plays and pauses, ", key("Home"), " ", key("End"), " first and last.",
        ),
      );
    }

    buildColumns() {
      const { parts, script } = this;
      const columns = make("div", { class: "run-columns" });
      const widest = (texts) => Math.max(...texts.map((text) => text.length));
      const widths = `--tracks:${widest(script.steps.map((step) => step.track))};--times:${widest(script.steps.map((step) => step.at))}`;
      parts.lines = make("ol", { class: "run-box run-lines", tabindex: "0", "aria-label": "Lines of the run", style: widths });
      for (const step of script.steps) parts.lines.append(line(step));
      const left = make("div", { class: "run-left" });
      left.append(make("div", {}, heading("The run, line by line"), parts.lines));
      if (script.source) left.append(make("div", {}, ...this.buildSource()));
      columns.append(left);
      const state = this.buildState();
      if (this.panels.length > 0) columns.append(state);
      return columns;
    }

    buildSource() {
      const { path, lines } = this.script.source;
      const digits = String(lines.at(-1)?.number ?? 0).length;
      const list = make("ol", { class: "run-box run-source", tabindex: "0", "aria-label": `Source: ${path}`, style: `--digits:${digits}` });
      for (const { number, text } of lines) {
        const numbered = make("span", { class: "run-number", "aria-hidden": "true" }, String(number));
        list.append(make("li", { "data-line": number }, numbered, make("span", { class: "run-code" }, text === "" ? " " : text)));
      }
      this.parts.source = list;
      this.parts.was = make("p", { class: "run-was" });
      const known = this.script.steps.some((step) => step.line !== null);
      return [heading(path), list, ...(known ? [this.parts.was] : [])];
    }

    buildState() {
      const state = make("div", { class: "run-state", role: "group", "aria-label": "State after this step" });
      this.panels = this.script.panels.map(({ name, title, empty }) => {
        const list = make(name === "ready" || name === "timers" ? "ol" : "ul");
        const rows = Math.max(1, ...this.script.steps.map((step, place) => changes(this.itemsBefore(place)[name], step.items[name]).length));
        const panel = make("section", { class: "run-panel", "data-panel": name, style: `--rows:${rows}`, "aria-label": title }, heading(title), list);
        state.append(panel);
        return { name, empty, list };
      });
      return state;
    }

    /** What held before the step at this place of the list: nothing, before the first one. */
    itemsBefore(place) {
      return place > 0 ? this.script.steps[place - 1].items : {};
    }

    // What is shown.

    show() {
      const step = this.script.steps[this.at - 1] ?? null;
      this.dataset.step = this.at;
      this.dataset.limit = this.limit;
      this.classList.toggle("is-covered", Boolean(this.asked));
      this.showPicture();
      this.showControls(step);
      this.showLines();
      this.showSource(step);
      this.showState(step);
      this.parts.now.textContent = this.sentence(step);
      if (this.parts.notes) this.parts.notes.hidden = this.at < this.last;
      if (this.script.predict) this.showPrediction();
    }

    showPicture() {
      for (const { part, from, to } of this.timed) {
        part.toggleAttribute("data-later", from > this.at);
        part.toggleAttribute("data-open", from <= this.at && this.at < to);
      }
      for (const band of this.bands) band.show(this.at);
      const here = this.bands.find((band) => band.has(this.at)) ?? this.bands[0];
      here.scrollInto(this.parts.picture, this.at);
    }

    showControls(step) {
      const { parts } = this;
      parts.range.min = this.first;
      parts.range.max = this.limit;
      parts.range.value = this.at;
      const of = `${this.at} of ${this.last}`;
      parts.count.textContent = of;
      parts.range.setAttribute("aria-valuetext", step ? `${of}: ${step.track} ${step.text}` : `before the first of ${this.last}`);
      const off = (name, is) => parts[name].setAttribute("aria-disabled", String(is));
      off("first", this.at === this.first);
      off("back", this.at === this.first);
      off("forward", this.at === this.last);
      off("last", this.at === this.limit);
    }

    showPlaying() {
      const playing = Boolean(this.timer);
      this.parts.play.textContent = playing ? "Pause" : "Play";
      this.toggleAttribute("data-playing", playing);
      // A run that plays by itself is not read aloud: where it stops is.
      this.parts.now.setAttribute("aria-live", playing ? "off" : "polite");
      if (!playing) this.parts.now.textContent = this.parts.now.textContent;
    }

    showLines() {
      [...this.parts.lines.children].forEach((line, place) => {
        const number = place + 1;
        line.hidden = number > this.limit;
        line.toggleAttribute("data-later", number > this.at);
        current(line, number === this.at, "step");
      });
      scrollBox(this.parts.lines, this.parts.lines.children[this.at - 1] ?? this.parts.lines.children[0]);
    }

    showSource(step) {
      const { source, was } = this.parts;
      if (!source) return;
      const lines = this.script.steps.slice(0, this.at).map((step) => step.line);
      const here = step?.line ?? null;
      const last = lines.findLast((line) => line !== null) ?? null;
      for (const line of source.children) {
        const number = Number(line.dataset.line);
        current(line, number === here, "true");
        line.toggleAttribute("data-was", here === null && number === last);
      }
      const shown = last === null ? null : source.querySelector(`[data-line="${last}"]`);
      if (shown) scrollBox(source, shown);
      was.textContent = whereItIs(here, last, shown);
    }

    showState(step) {
      const now = step?.items ?? {};
      for (const { name, empty, list } of this.panels) {
        const items = changes(this.itemsBefore(this.at - 1)[name], now[name]);
        list.replaceChildren(...items.map(item));
        if (items.every(({ change }) => change === "gone")) list.append(make("li", { class: "run-empty" }, empty));
      }
    }

    sentence(step) {
      if (!step) return `Before the first of ${this.last} steps.`;
      const at = this.script.steps.slice(0, this.at).findLast((step) => step.at !== "")?.at;
      const when = at ? `, at ${at}` : "";
      const marked = step.marked ? " The test fails at this step." : "";
      return `Step ${this.at} of ${this.last}${when}. ${step.told}${marked}`;
    }

    // Prediction.

    buildPrediction() {
      const { parts } = this;
      parts.question = make("p", { class: "run-question" });
      parts.placed = make("ol", { class: "run-placed", "aria-label": "What you have put in order" });
      parts.cards = make("div", { class: "run-cards", role: "group", "aria-label": "Cards" });
      parts.how = make("p", { class: "run-how" }, "Drag a card into the empty place; or choose one with the Tab key, and press Enter.");
      this.verdict = make("p", { class: "run-verdict", role: "status" });
      parts.leave = make("button", { type: "button", class: "run-leave" });
      parts.leave.addEventListener("click", () => (this.predicting ? this.leave() : this.begin()));
      parts.prediction = make("section", { class: "run-prediction", "aria-label": "Prediction" }, parts.question, parts.placed, parts.cards);
      parts.prediction.append(this.verdict, parts.how, parts.leave);
      return parts.prediction;
    }

    leave() {
      this.pause();
      this.predicting = false;
      this.verdict.textContent = "You are watching the whole run.";
      this.goTo(Math.max(this.at, 1));
    }

    begin() {
      this.pause();
      this.predicting = true;
      this.right = 0;
      this.verdict.textContent = "";
      this.goTo(this.first);
    }

    showPrediction() {
      const { parts, asked } = this;
      const shown = this.predicting ? `question ${this.right}` : "nothing";
      if (parts.prediction.dataset.shown === shown) return;
      parts.prediction.dataset.shown = shown;
      const { cards, asks } = this.script.predict;
      parts.question.textContent = this.question();
      parts.placed.hidden = !this.predicting;
      parts.placed.replaceChildren(...asks.slice(0, this.right).map(({ card }) => make("li", {}, cards[card])));
      this.gap = asked && make("li", { class: "run-gap" }, "put the next card here");
      if (this.gap) parts.placed.append(this.gap);
      parts.cards.hidden = parts.how.hidden = !asked;
      parts.cards.replaceChildren(...(asked ? this.choices(asked).map((text) => this.buildCard(text)) : []));
      parts.leave.textContent = asked ? "Watch without predicting" : "Predict it from the beginning";
    }

    question() {
      if (!this.predicting) return "You can predict this run.";
      if (!this.asked) return this.script.predict.end;
      return this.right === 0 ? "What happens first?" : "What happens next?";
    }

    /** The right card, and some that are not: what comes soon, what somebody might believe, and what was there already. */
    choices({ card }) {
      const { cards, also } = this.script.predict;
      const later = cards.slice(card + 1);
      const chosen = [cards[card]];
      const add = (texts, upTo) => {
        for (const text of texts) {
          if (chosen.length >= upTo) return;
          if (!chosen.includes(text)) chosen.push(text);
        }
      };
      add(later, CARDS - 1);
      add(also, CARDS);
      add(later, CARDS);
      add(cards.slice(0, card).reverse(), CARDS - 1);
      return chosen.sort((one, other) => (one < other ? -1 : 1));
    }

    buildCard(text) {
      const card = make("button", { type: "button", class: "run-card" }, text);
      card.dataset.card = text;
      let drag = null;
      const end = (event) => {
        const dropped = drag?.moved && event.type === "pointerup" && this.isOverGap(event);
        // The click that follows a drag is no choice.
        if (drag?.moved) card.dataset.dragged = "";
        drag = null;
        card.style.transform = "";
        this.gap?.removeAttribute("data-over");
        setTimeout(() => delete card.dataset.dragged, 0);
        if (dropped) this.offer(card);
      };
      card.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        drag = { x: event.clientX, y: event.clientY, moved: false };
        card.setPointerCapture(event.pointerId);
      });
      card.addEventListener("pointermove", (event) => {
        if (!drag) return;
        const [x, y] = [event.clientX - drag.x, event.clientY - drag.y];
        drag.moved ||= Math.hypot(x, y) > DRAG;
        if (!drag.moved) return;
        card.style.transform = `translate(${x}px, ${y}px)`;
        this.gap?.toggleAttribute("data-over", this.isOverGap(event));
      });
      card.addEventListener("pointerup", end);
      card.addEventListener("pointercancel", end);
      card.addEventListener("click", () => {
        if (!("dragged" in card.dataset)) this.offer(card);
      });
      return card;
    }

    isOverGap({ clientX: x, clientY: y }) {
      if (!this.gap) return false;
      const { left, right, top, bottom } = this.gap.getBoundingClientRect();
      const near = 12;
      return x > left - near && x < right + near && y > top - near && y < bottom + near;
    }

    /** A card was put into the empty place. */
    offer(card) {
      const { asked, parts, script } = this;
      const text = card.dataset.card;
      if (text !== script.predict.cards[asked.card]) {
        if (!card.hasAttribute("data-wrong")) card.append(make("small", {}, " not yet"));
        card.setAttribute("data-wrong", "");
        this.verdict.textContent = `Not yet: “${text}” is not what happens next.`;
        return;
      }
      const focused = parts.cards.contains(document.activeElement);
      this.pause();
      this.right += 1;
      this.verdict.textContent = `Right: “${text}”.`;
      this.watch(asked);
      if (focused) (parts.cards.querySelector("button") ?? parts.leave).focus({ preventScroll: true });
    }

    /** Shows the steps that were asked for: one after the other, unless the reader wants nothing to move. */
    watch({ step, after }) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.goTo(calm ? step : after + 1);
      if (this.at < step) this.run(() => WATCHED, step);
    }

    // Keys.

    onKey(event) {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const on = (selector) => event.target.closest(selector);
      const what = KEYS[event.key] ?? (event.key === " " && !on("button, select, summary, a") ? "play" : null);
      if (!what) return;
      // A page of the book turns at these keys, too.
      event.stopPropagation();
      if (on("select")) return;
      event.preventDefault();
      this.do(what);
    }
  }

  /** A row of the picture: so many steps beside each other. */
  class Band {
    constructor(group) {
      const number = (name) => Number(group.dataset[name]);
      Object.assign(this, { first: number("first"), last: number("last"), left: number("left"), step: number("step") });
      Object.assign(this, { top: number("top"), tracks: number("tracks"), bottom: number("bottom") });
      const rect = (name) => {
        const made = document.createElementNS(SVG, "rect");
        made.setAttribute("class", name);
        return made;
      };
      this.group = group;
      this.head = rect("run-playhead");
      group.prepend(this.head);
      // What is later lies under a curtain, and words above it, since those of now may be longer than a step is wide.
      this.curtain = rect("run-curtain");
      group.insertBefore(this.curtain, group.querySelector(".words"));
      this.right = group.ownerSVGElement?.viewBox.baseVal.width ?? 0;
    }

    has(step) {
      return this.first <= step && step <= this.last;
    }

    /** Where a step begins. */
    x(step) {
      return this.left + (step - this.first) * this.step;
    }

    show(step) {
      const here = this.has(step);
      this.head.toggleAttribute("hidden", !here);
      if (here) place(this.head, this.x(step) - 4, this.top, this.step - 2, this.bottom - this.top);
      const from = Math.max(this.first, step + 1);
      const covers = step <= this.last;
      this.group.toggleAttribute("data-beyond", this.first > step);
      this.curtain.toggleAttribute("hidden", !covers);
      if (covers) place(this.curtain, this.x(from) - 4, this.tracks, Math.max(0, this.right - this.x(from) + 4), this.bottom - this.tracks);
    }

    /** Brings a step of this band into view, inside of the box that holds the picture. */
    scrollInto(box, step) {
      const x = this.x(Math.max(step, this.first));
      const hidden = x + this.step > box.scrollLeft + box.clientWidth || x - this.left < box.scrollLeft;
      if (hidden) box.scrollLeft = x + this.step < box.clientWidth ? 0 : x - this.left;
      if (this.bottom > box.scrollTop + box.clientHeight || this.top < box.scrollTop) box.scrollTop = this.top;
    }
  }

  const place = (rect, x, y, width, height) => {
    for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value);
  };

  const heading = (text) => make("p", { class: "run-heading" }, text);

  /** A line of the run's text form. */
  const line = (step) =>
    make(
      "li",
      { "data-number": step.number },
      make("span", { class: "run-number" }, String(step.number)),
      make("span", { class: "run-at" }, step.at),
      make("span", { class: "run-track" }, step.track),
      make("span", { class: "run-text", style: `--depth:${step.depth}` }, step.text),
      ...(step.marked ? [make("span", { class: "run-mark" }, "◂── here")] : []),
    );

  const current = (element, is, value) => {
    if (is) element.setAttribute("aria-current", value);
    else element.removeAttribute("aria-current");
  };

  /** Scrolls a box to one of its children, and nothing else. */
  const scrollBox = (box, child) => {
    const top = child.offsetTop;
    const below = top + child.offsetHeight > box.scrollTop + box.clientHeight;
    if (top < box.scrollTop || below) box.scrollTop = top - (box.clientHeight - child.offsetHeight) / 2;
  };

  /** What the highlighted line is. */
  const whereItIs = (here, last, shown) => {
    if (last === null) return "The run has named no line of this file so far.";
    if (!shown) return `Line ${last}, which is not shown here.`;
    return here === null ? `This step has no line of its own: line ${last} was the last.` : `Line ${last}.`;
  };

  /**
   * What was, and what is, as one list: each with what became of it in this step. Items are [key, text]; the same key with
   * another text has changed.
   */
  const changes = (before = [], now = []) => {
    const old = [...before];
    const take = (found) => (found < 0 ? null : old.splice(found, 1)[0]);
    const matched = now.map(([key, text]) => ({ key, text, before: take(old.findIndex((item) => item[0] === key && item[1] === text)) }));
    for (const entry of matched) entry.before ??= take(old.findIndex((item) => item[0] === entry.key));
    const shown = matched.map(({ text, before }) => ({ text, change: !before ? "new" : before[1] === text ? "" : "changed" }));
    return [...old.map(([, text]) => ({ text, change: "gone" })), ...shown];
  };

  const item = ({ text, change }) => {
    const words = make(change === "gone" ? "del" : "span", { class: "run-item" }, text);
    return make("li", { "data-change": change || null }, words, ...(change ? [make("small", {}, ` ${change}`)] : []));
  };

  customElements.define("run-player", RunPlayer);
})();
