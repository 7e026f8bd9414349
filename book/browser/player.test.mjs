// What a reader sees and does with the runs that are stepped through, in a real browser. Nothing here waits for a time: a test waits
// for what it expects to see.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { files, html, launch, open, pages, players, root, serve, shown, traced } from "./browser.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Tests have windows of their own, so two run at a time. */
const tests = [];
const test = (name, work) => tests.push([name, work]);

/** Does something in a fresh window, and wants nothing to have gone wrong there. */
async function on(file, options, work) {
  const { page, faults, close } = await open(browser, file, options);
  try {
    await work(page);
    assert.deepEqual(faults, [], file);
  } finally {
    await close();
  }
}

const name = (file) => path.relative(html, file);
const predicting = () => players.filter(({ page, id }) => readFileSync(page, "utf8").split(`id="${id}"`)[1].split("</script>")[0].includes('"predict":{'));
const watched = players.find((player) => !predicting().includes(player)) ?? players[0];
const turns = players.find(({ id }) => id === "play-turn-order");
const first = players.find(({ id }) => id === "play-who-goes-first");

test("there are runs to step through, and two of them are predicted", () => {
  assert.ok(players.length >= 2, `${players.length} players`);
  assert.ok(turns && first && predicting().length >= 2);
});

test("every page of the book opens from a folder, without an error, a missing file or a word to the network", async () => {
  assert.ok(pages.length > 50, `${pages.length} pages`);
  // The pages for printing and for wrong addresses are made for a browser's print dialogue and for a web server.
  const left = pages.filter((file) => !["print.html", "404.html", "toc.html"].includes(name(file)));
  const window = async () => {
    const { page, faults, close } = await open(browser, path.join(html, "index.html"));
    for (let file = left.pop(); file; file = left.pop()) {
      await page.goto(pathToFileURL(file).href);
      assert.deepEqual(faults, [], name(file));
    }
    await close();
  };
  await Promise.all([window(), window()]);
});

test("a page with a player opens from a web server as well", async () => {
  const server = await serve();
  try {
    const address = `${server.address}/${name(watched.page)}`;
    await on(watched.page, { address }, async (page) => {
      await page.locator(`#${watched.id}[data-step="1"]`).waitFor();
    });
  } finally {
    server.close();
  }
});

// The state of a step, in the words of the page.
const words = {
  running: (state) => state.running,
  ready: (state) => state.ready,
  timers: (state) => state.timers.map(({ name, at }) => `${name} at ${at}`),
  asleep: (state) => state.asleep.map(({ who, text }) => `${who} ${text}`),
  wakers: (state) => state.wakers.map(({ of, by }) => `${of}’s, stored by ${by}`),
  tasks: (state) => state.tasks.map(({ name, state }) => `${name} ${state}`),
};
const nothing = { running: [], ready: [], timers: [], asleep: [], wakers: [], tasks: [] };

/** Those of one list that are not in the other, each as often as it is too many. */
const without = (list, other) => {
  const rest = [...other];
  return list.filter((item) => {
    const at = rest.indexOf(item);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
};

/** Compares what a player shows with a step of the recording. */
function compare(seen, play, number, of) {
  const step = play.steps[number - 1];
  const where = `${of}, step ${number}`;
  assert.equal(seen.step, number, where);
  assert.equal(seen.count, `${number} of ${play.steps.length}`, where);
  assert.equal(seen.range, number, where);
  assert.deepEqual(seen.current, [number], where);
  assert.deepEqual(seen.under, [number], `${where}: the playhead`);
  assert.ok(seen.now.startsWith(`Step ${number} of ${play.steps.length}`), `${where}: ${seen.now}`);
  assert.ok(seen.now.includes(step.track) && seen.now.endsWith("."), `${where}: ${seen.now}`);
  for (const part of seen.pictured) assert.equal(part.later, part.from > number, `${where}: what is later`);
  if (play.source) compareLine(seen, play, number, where);
  assert.deepEqual(Object.keys(seen.panels), play.panels, where);
  for (const panel of play.panels) {
    const [was, is] = [play.steps[number - 2]?.state ?? nothing, step.state].map(words[panel]);
    const items = seen.panels[panel];
    const texts = (change) => items.filter((item) => change(item.change)).map((item) => item.text);
    assert.deepEqual(texts((change) => change !== "gone"), is, `${where}: ${panel}`);
    assert.deepEqual(texts((change) => change === "new" || change === "changed").sort(), without(is, was).sort(), `${where}: ${panel}, what is new`);
    const gone = without(was, is);
    assert.deepEqual(texts((change) => change === "gone").filter((text) => !gone.includes(text)), [], `${where}: ${panel}, what is gone`);
    const changed = texts((change) => change === "changed").length;
    assert.equal(texts((change) => change === "gone").length + changed, gone.length, `${where}: ${panel}, what is gone`);
    for (const { text, change, said } of items) if (change) assert.equal(said, `${text} ${change}`, "what became of it is a word");
  }
}

function compareLine(seen, play, number, where) {
  const { line } = play.steps[number - 1];
  const text = play.source.lines.find((one) => one.number === line)?.text;
  assert.equal(seen.number, text === undefined ? null : String(line), `${where}: line ${line}`);
  if (text) assert.equal(seen.line, text, where);
  const before = play.steps.slice(0, number).findLast((step) => step.line !== null)?.line;
  const known = play.source.lines.some((one) => one.number === before);
  assert.equal(seen.was, line === null && known ? String(before) : null, `${where}: the last line`);
}

for (const { page: file, id, play } of players) {
  test(`${id} shows at each step what was recorded, there and back`, async () => {
    await on(file, {}, async (page) => {
      const player = page.locator(`#${id}`);
      // A button that does nothing any more can still be clicked.
      const does = (what) => player.locator(`[data-do=${what}]`).click({ force: true });
      if (await player.locator(".run-prediction").count()) await player.locator(".run-leave").click();
      await player.scrollIntoViewIfNeeded();
      await does("first");
      const last = play.steps.length;
      for (let number = 1; number <= last; number += 1) {
        compare(await shown(player), play, number, id);
        if (number < last) await does("forward");
      }
      const height = await page.evaluate(() => scrollY);
      await does("forward");
      compare(await shown(player), play, last, `${id} after its end`);
      for (let number = last - 1; number >= 1; number -= 1) {
        await does("back");
        compare(await shown(player), play, number, `${id} backwards`);
      }
      await does("last");
      compare(await shown(player), play, last, id);
      assert.equal(await page.evaluate(() => scrollY), height, "the page itself is not scrolled");
    });
  });
}

test("the slider goes to any step, and a step's line is in view in its own box", async () => {
  await on(watched.page, {}, async (page) => {
    const player = page.locator(`#${watched.id}`);
    await player.scrollIntoViewIfNeeded();
    const height = await page.evaluate(() => scrollY);
    for (const number of [watched.play.steps.length, 3, 7]) {
      await player.locator("input").fill(String(number));
      compare(await shown(player), watched.play, number, watched.id);
      const inView = await player.evaluate((player) =>
        [...player.querySelectorAll(".run-box [aria-current]")].every((line) => {
          const [box, at] = [line.closest(".run-box").getBoundingClientRect(), line.getBoundingClientRect()];
          return at.top >= box.top - 1 && at.bottom <= box.bottom + 1;
        }),
      );
      assert.ok(inView, `step ${number}`);
    }
    assert.equal(await page.evaluate(() => scrollY), height);
  });
});

test("keys step, play and pause in the player, and turn the book's pages outside of it", async () => {
  await on(watched.page, {}, async (page) => {
    const player = page.locator(`#${watched.id}`);
    const address = page.url();
    const at = async (step) => assert.equal(Number(await player.getAttribute("data-step")), step);
    await player.locator("input").focus();
    for (const [key, step] of [["ArrowRight", 2], ["ArrowRight", 3], ["ArrowLeft", 2], ["End", watched.play.steps.length], ["ArrowRight", watched.play.steps.length], ["Home", 1], ["ArrowLeft", 1]]) {
      await page.keyboard.press(key);
      await at(step);
    }
    for (const focused of ["[data-do=forward]", ".run-image", ".run-lines"]) {
      await player.locator(focused).focus();
      await page.keyboard.press("ArrowRight");
      await at(2);
      await page.keyboard.press("ArrowLeft");
      await at(1);
    }
    await player.locator("[data-do=forward]").focus();
    await page.keyboard.press("Space");
    await at(2);
    await player.locator("input").focus();
    await page.keyboard.press("Space");
    assert.equal(await player.locator("[data-do=play]").textContent(), "Pause");
    await page.locator(`#${watched.id}:not([data-step="2"])`).waitFor();
    await page.keyboard.press("Space");
    assert.equal(await player.locator("[data-do=play]").textContent(), "Play");
    assert.equal(page.url(), address, "the page has not turned");
    await page.locator("main h1").first().click();
    await page.keyboard.press("ArrowRight");
    await page.waitForURL((url) => url.href !== address);
  });
});

test("a run plays to its end by itself, stops there, and is read aloud only where it stops", async () => {
  await on(turns.page, {}, async (page) => {
    const player = page.locator(`#${turns.id}`);
    await player.locator(".run-leave").click();
    await player.locator("select").selectOption("4");
    await player.locator("[data-do=play]").click();
    assert.equal(await player.locator(".run-now").getAttribute("aria-live"), "off");
    await page.locator(`#${turns.id}[data-step="${turns.play.steps.length}"]:not([data-playing])`).waitFor();
    assert.equal(await player.locator(".run-now").getAttribute("aria-live"), "polite");
  });
});

test("everything that can be used has a role and a name, and can be reached with the Tab key", async () => {
  await on(turns.page, {}, async (page) => {
    const player = page.locator(`#${turns.id}`);
    const unnamed = await player.evaluate((player) => {
      const used = [...player.querySelectorAll("button, input, select, [tabindex='0']")].filter((one) => one.checkVisibility());
      return used.filter((one) => one.tabIndex !== 0 || !(one.ariaLabel || one.textContent.trim() || one.labels?.length)).map((one) => one.outerHTML);
    });
    assert.deepEqual(unnamed, []);
    await player.locator("[data-do=first]").focus();
    const reached = [];
    for (let press = 0; press < 12; press += 1) {
      reached.push(await page.evaluate(() => document.activeElement.dataset.do ?? document.activeElement.dataset.card ?? document.activeElement.tagName));
      await page.keyboard.press("Tab");
    }
    for (const wanted of ["back", "play", "forward", "last", "INPUT", "SELECT", "a yields"]) assert.ok(reached.includes(wanted), `${wanted} in ${reached}`);
    assert.equal(await player.locator("input").getAttribute("aria-valuetext"), "before the first of 6");
  });
});

// Prediction.

/** The exercise that a player answers, and its lines: from the answer, where the builder has them from. */
const exercise = async (player) => {
  const text = await player.locator("script").first().textContent();
  const [, folder, file] = /go into exercises\/([^/]+)\/src\/(\w+\.rs)/.exec(JSON.parse(text).predict.end);
  const answer = readFileSync(path.join(root, "solutions", folder, "src", file), "utf8").split("// YOURS\n")[1].split("// STUB")[0];
  return { file: `exercises/${folder}/src/${file}`, lines: [...answer.matchAll(/"([^"]+)"/g)].map(([, line]) => line) };
};

/** Nothing that is later than what was predicted can be seen, heard or reached. */
async function hidden(player, limit) {
  const seen = await shown(player);
  assert.equal(seen.limit, limit, "the slider ends where the prediction is");
  assert.deepEqual(seen.visible.filter((line) => line > limit), [], "no later line is listed");
  assert.deepEqual(seen.pictured.filter((part) => part.from > limit), [], "nothing later is in the picture");
  const leaks = await player.evaluate((player, limit) => {
    const curtains = [...player.querySelectorAll(".run-image .band")].filter((band) => Number(band.dataset.last) > limit).map((band) => {
      const [curtain, data] = [band.querySelector(".run-curtain"), band.dataset];
      const number = (name) => Number(curtain.getAttribute(name));
      const from = Number(data.left) + Math.max(0, limit + 1 - Number(data.first)) * Number(data.step);
      const covers = number("x") <= from && number("x") + number("width") >= band.ownerSVGElement.viewBox.baseVal.width - 1;
      return covers && getComputedStyle(curtain).fillOpacity === "1" && curtain.checkVisibility();
    });
    const fixed = [...player.querySelectorAll(".run-static svg, .run-static table")].filter((part) => part.checkVisibility());
    return { curtains, fixed: fixed.length, readable: player.querySelector(".run-image svg").getAttribute("aria-hidden") };
  }, limit);
  assert.ok(leaks.curtains.every(Boolean), "the picture is covered behind the playhead");
  assert.equal(leaks.fixed, 0, "the run as it stands is not shown");
  assert.equal(leaks.readable, "true", "the description of the picture is not read out");
}

for (const { page: address, id, play } of predicting()) {
  test(`${id} can be predicted with the keyboard alone, and shows nothing before it is said`, async () => {
    await on(address, { reducedMotion: "reduce" }, async (page) => {
      const player = page.locator(`#${id}`);
      const verdict = player.locator(".run-verdict");
      const { file, lines } = await exercise(player);
      let limit = 0;
      for (const [place, line] of lines.entries()) {
        await hidden(player, limit);
        const cards = await player.locator(".run-card").evaluateAll((cards) => cards.map((card) => card.dataset.card));
        assert.ok(cards.includes(line) && cards.length >= 3 && cards.length <= 4, `${cards} for ${line}`);
        for (const wrong of cards.filter((card) => card !== line)) {
          await player.locator(`.run-card[data-card="${wrong}"]`).focus();
          await page.keyboard.press("Enter");
          assert.equal(await verdict.textContent(), `Not yet: “${wrong}” is not what happens next.`);
          assert.equal(await player.locator(`.run-card[data-card="${wrong}"]`).textContent(), `${wrong} not yet`);
        }
        await hidden(player, limit);
        await page.keyboard.press("ArrowRight");
        await page.keyboard.press("End");
        await hidden(player, limit);
        await player.locator(`.run-card[data-card="${line}"]`).focus();
        await page.keyboard.press("Enter");
        assert.equal(await verdict.textContent(), `Right: “${line}”.`);
        limit = await player.evaluate((player) => Number(player.dataset.step));
        const step = play.steps[limit - 1];
        assert.ok(line.split(" ").every((word) => `${step.track} ${step.text}`.split(" ").includes(word)), `${line} is step ${limit}`);
        const focused = await page.evaluate(() => document.activeElement.className);
        assert.equal(focused, place + 1 < lines.length ? "run-card" : "run-leave", "the focus goes to the next question");
      }
      const placed = await player.locator(".run-placed li").allTextContents();
      assert.deepEqual(placed, lines);
      const end = await player.locator(".run-question").textContent();
      assert.ok(end.includes(`The same lines, in the same order, go into ${file};`), end);
      await player.locator("input").focus();
      await page.keyboard.press("End");
      compare(await shown(player), play, play.steps.length, id);
    });
  });
}

/** Where the middle of an element is. */
const middle = async (locator) => {
  const { x, y, width, height } = await locator.boundingBox();
  return { x: x + width / 2, y: y + height / 2 };
};

test("a card is dragged into its place with the mouse; a wrong one goes back, and one that is let go elsewhere says nothing", async () => {
  await on(turns.page, {}, async (page) => {
    const player = page.locator(`#${turns.id}`);
    const gap = player.locator(".run-gap");
    const drag = async (text, to) => {
      const card = player.locator(`.run-card[data-card="${text}"]`);
      await card.scrollIntoViewIfNeeded();
      const [from, end] = [await middle(card), await to()];
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      await page.mouse.move((from.x + end.x) / 2, (from.y + end.y) / 2);
      await page.mouse.move(end.x, end.y);
      await page.mouse.up();
    };
    const there = () => middle(gap);
    const place = () => player.evaluate((player) => player.querySelector(".run-card").offsetTop - player.offsetTop);
    const before = await place();
    await drag("b yields", there);
    assert.equal(await player.locator(".run-verdict").textContent(), "Not yet: “b yields” is not what happens next.");
    assert.equal(await player.getAttribute("data-step"), "0");
    assert.equal(await place(), before, "the cards are where they were");
    await drag("a yields", async () => ({ ...(await middle(player.locator(".run-leave"))) }));
    assert.equal(await player.getAttribute("data-step"), "0", "beside the place, a card is not played");
    await drag("a yields", there);
    assert.equal(await player.getAttribute("data-step"), "1");
    assert.deepEqual(await player.locator(".run-placed li").allTextContents(), ["a yields", "put the next card here"]);
    await hidden(player, 1);
  });
});

test("a card is dragged with a finger, and the page does not move with it", async () => {
  await on(turns.page, { hasTouch: true, viewport: { width: 360, height: 740 } }, async (page) => {
    const player = page.locator(`#${turns.id}`);
    await player.locator(".run-cards").scrollIntoViewIfNeeded();
    const height = await page.evaluate(() => scrollY);
    const [from, to] = [await middle(player.locator('.run-card[data-card="a yields"]')), await middle(player.locator(".run-gap"))];
    const touch = await page.context().newCDPSession(page);
    const send = (type, points) => touch.send("Input.dispatchTouchEvent", { type, touchPoints: points });
    await send("touchStart", [from]);
    for (const part of [0.25, 0.5, 0.75, 1]) {
      await send("touchMove", [{ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }]);
    }
    await send("touchEnd", []);
    await page.locator(`#${turns.id}[data-step="1"]`).waitFor();
    assert.equal(await page.evaluate(() => scrollY), height);
  });
});

test("a prediction can be left at any time, and begun anew", async () => {
  await on(turns.page, {}, async (page) => {
    const player = page.locator(`#${turns.id}`);
    await player.locator('.run-card[data-card="a yields"]').click();
    await player.locator(".run-leave").click();
    compare(await shown(player), turns.play, 1, turns.id);
    await player.locator("[data-do=last]").click();
    compare(await shown(player), turns.play, turns.play.steps.length, turns.id);
    await player.locator(".run-leave").click();
    await hidden(player, 0);
    assert.equal(await player.locator(".run-question").textContent(), "What happens first?");
  });
});

test("what was predicted is watched step by step, or at once by those who want nothing to move", async () => {
  const line = "main 1";
  const right = (page) => page.locator(`#${first.id} .run-card[data-card="${line}"]`).click();
  await on(first.page, { reducedMotion: "reduce" }, async (page) => {
    await right(page);
    const step = Number(await page.locator(`#${first.id}`).getAttribute("data-step"));
    assert.ok(step > 1 && !(await page.locator(`#${first.id}[data-playing]`).count()), `step ${step}`);
    const moving = await page.evaluate(() => document.getAnimations().length);
    assert.equal(moving, 0);
  });
  await on(first.page, { reducedMotion: "no-preference" }, async (page) => {
    await page.evaluate((id) => {
      window.steps = [];
      new MutationObserver(() => window.steps.push(Number(document.getElementById(id).dataset.step))).observe(document.getElementById(id), { attributeFilter: ["data-step"] });
    }, first.id);
    await right(page);
    await page.locator(`#${first.id}[data-step="4"]:not([data-playing])`).waitFor();
    assert.deepEqual(await page.evaluate(() => window.steps), [1, 2, 3, 4]);
  });
});

// How it looks.

const themes = ["light", "rust", "coal", "navy", "ayu"];

/** The contrast between the words of an element and what is behind them. */
const contrasts = (player) =>
  player.evaluate((player) => {
    const parse = (colour) => {
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([red, green, blue]) => {
      const [r, g, b] = [red, green, blue].map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      for (let one = element; one; one = one.parentElement) {
        const colour = parse(getComputedStyle(one).backgroundColor);
        if (colour[3] === 255) return colour;
      }
      return [255, 255, 255];
    };
    const words = [".run-now", ".run-heading", ".run-item", ".run-lines li:not([data-later])", ".run-source li", "button:not([aria-disabled=true])", ".run-keys", "select"];
    return words.flatMap((selector) =>
      [...player.querySelectorAll(selector)].filter((one) => one.checkVisibility()).slice(0, 5).map((one) => {
        const [front, back] = [light(parse(getComputedStyle(one).color)), light(behind(one))];
        const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
        return { selector, ratio };
      }),
    );
  });

for (const theme of themes) {
  test(`in the theme ${theme}, words stand out from what is behind them`, async () => {
    await on(watched.page, {}, async (page) => {
      await page.evaluate((theme) => (document.documentElement.className = `${theme} js`), theme);
      const player = page.locator(`#${watched.id}`);
      for (let step = 0; step < 4; step += 1) await player.locator("[data-do=forward]").click();
      const dim = (await contrasts(player)).filter(({ ratio }) => ratio < 4.5);
      assert.deepEqual(dim, []);
      const ground = await player.evaluate((player) => getComputedStyle(player).backgroundColor);
      assert.equal(ground, await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor));
    });
  });
}

test("in a narrow window nothing hangs out of the page, at any step", async () => {
  for (const { page: file, id, play } of players) {
    await on(file, { viewport: { width: 360, height: 740 } }, async (page) => {
      const player = page.locator(`#${id}`);
      // mdBook cuts off what is too wide for its pages, so the player is asked as well.
      const width = () => player.evaluate((player) => Math.max(document.documentElement.scrollWidth, player.getBoundingClientRect().left + player.scrollWidth));
      assert.ok((await width()) <= 360, `${id}: ${await width()}`);
      if (await player.locator(".run-prediction").count()) await player.locator(".run-leave").click();
      for (const step of [1, Math.ceil(play.steps.length / 2), play.steps.length]) {
        await player.locator("input").fill(String(step));
        assert.ok((await width()) <= 360, `${id} at ${step}: ${await width()}`);
      }
      const cut = await player.evaluate((player) => [...player.querySelectorAll("button, input, select")].filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth).length);
      assert.equal(cut, 0, "all that can be used is inside");
    });
  }
});

test("without JavaScript the run stands there as a picture and in words; one that is to be predicted waits behind a summary", async () => {
  for (const { page: file, id, play } of players) {
    await on(file, { javaScriptEnabled: false }, async (page) => {
      const player = page.locator(`#${id}`);
      const details = player.locator("details");
      if (await details.count()) {
        assert.equal(await player.locator("table").isVisible(), false);
        await details.locator("summary").click();
      }
      assert.ok(await player.locator("svg").first().isVisible());
      assert.equal(await player.locator("tbody tr").count(), play.steps.length);
      const row = player.locator("tbody tr").nth(1);
      assert.ok((await row.textContent()).includes(play.steps[1].text));
      assert.ok(await row.isVisible());
      assert.equal(await player.locator("button").count(), 0);
    });
  }
});

test("in print there is the picture and the table, and no buttons", async () => {
  await on(watched.page, {}, async (page) => {
    await page.emulateMedia({ media: "print" });
    const player = page.locator(`#${watched.id}`);
    assert.equal(await player.locator(".run-live").isVisible(), false);
    assert.ok(await player.locator("table").isVisible());
    assert.ok(await player.locator(".run-static svg").isVisible());
  });
});

// The page that `cargo learn trace --html` writes.

test("the page of a learner's own run shows the lines of the run and of the source, and needs nothing else", async () => {
  assert.ok(existsSync(traced), `${traced} is there`);
  const kept = files(path.join(root, "exercises/02-state-machines/checks/snapshots"), "join__both_wait.snap");
  const recorded = readFileSync(kept[0], "utf8").replaceAll("\r\n", "\n").split("\n---\n")[1].trimEnd().split("\n");
  const expected = recorded.map((line) => line.trim().split(/\s+/).slice(1).join(" "));
  const source = readFileSync(path.join(root, "chapters/02-state-machines/src/join.rs"), "utf8").split("\n");
  await on(traced, { colorScheme: "dark", viewport: { width: 360, height: 740 } }, async (page) => {
    const player = page.locator("run-player");
    const total = await player.locator(".run-lines li").count();
    const lines = [];
    for (let number = 1; number <= total; number += 1) {
      const seen = await shown(player);
      assert.equal(seen.step, number);
      assert.deepEqual(seen.under, [number]);
      lines.push(await player.locator(".run-lines [aria-current]").evaluate((line) => [line.querySelector(".run-track"), line.querySelector(".run-text")].map((part) => part.textContent).join(" ")));
      if (seen.number) assert.equal(seen.line, source[Number(seen.number) - 1]);
      if (number < total) await player.locator("[data-do=forward]").click();
    }
    assert.deepEqual(lines.filter((line) => !line.includes("its waker is kept by")), expected);
    assert.ok(await player.locator(".run-source [aria-current], .run-source [data-was]").count(), "a line is highlighted");
    const dim = (await contrasts(player)).filter(({ ratio }) => ratio < 4.5);
    assert.deepEqual(dim, []);
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360);
  });
});

describe("the book in a browser", { concurrency: 2 }, () => {
  for (const [name, work] of tests) it(name, work);
});
