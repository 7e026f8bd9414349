// The browser, the built book, and the runs as the chapters' tests keep them.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const html = path.join(root, "book/html");
/** The page that `cargo learn trace --html` wrote. */
export const traced = path.resolve(process.env.TRACED ?? "traced.html");

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });

/** The files below a folder, with this ending. */
export const files = (folder, ending) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();

export const pages = files(html, ".html");

/** The players of the book: their pages, their names, and the runs on disk that they have to show. */
export const players = pages
  .filter((page) => !page.endsWith("print.html"))
  .flatMap((page) => {
    const text = readFileSync(page, "utf8");
    return [...text.matchAll(/<run-player id="(play-[^"]+)"/g)].map(([, id]) => ({ page, id, play: run(id) }));
  });

/** A run as its snapshot has it: one that a chapter's test keeps, or one that a check compares with. */
function run(id) {
  const name = id.replace("play-", "").replaceAll("-", "_");
  const kept = body("chapters", `tests/snapshots/play__${name}.snap`);
  return kept ? withSource(JSON.parse(kept)) : lines(body("exercises", `checks/snapshots/${name}.snap`));
}

/** A kept run with the lines of the file that it names. Its steps name lines by their place among the lines of code. */
function withSource(play) {
  if (!play.source) return play;
  const text = readFileSync(path.join(root, play.source.path), "utf8").replaceAll("\r\n", "\n");
  const all = text.trimEnd().split("\n").map((text, index) => ({ number: index + 1, text }));
  const mark = (name) => all.findIndex(({ text }) => text.trim() === `// ${name}: ${play.source.part}`);
  const [first, last] = [mark("ANCHOR"), mark("ANCHOR_END")];
  const part = first < 0 || last < 0 ? all : all.slice(first + 1, last);
  const shown = part.filter(({ text }) => !/^\s*(\/\/ (ANCHOR|YOURS|STUB)|closed_output::)/.test(text));
  const code = shown.filter(({ text }) => text.trim() && !text.trim().startsWith("//"));
  const steps = play.steps.map((step) => ({ ...step, line: step.line && code[step.line - 1].number }));
  return { ...play, steps, source: { ...play.source, lines: shown } };
}

/** What stands in the snapshot of this name, below its header. */
function body(kind, name) {
  const paths = readdirSync(path.join(root, kind)).map((chapter) => path.join(root, kind, chapter, name));
  const found = paths.find((path) => existsSync(path));
  if (!found) return null;
  const text = readFileSync(found, "utf8").replaceAll("\r\n", "\n");
  return text.slice(text.indexOf("\n---\n") + 5);
}

/** The steps of a text form in which every line is a saying of one word's track; it says nothing of the state. */
function lines(text) {
  const line = /^ *\d+  +(?:[\d.]+m?s  )? *(\S+)  +(.*)$/;
  const steps = text.trimEnd().split("\n").map((row) => line.exec(row)).map(([, track, text]) => ({ track, text, line: null }));
  return { steps, source: null, panels: [] };
}

/** Opens a file in a fresh window, and collects what goes wrong there. */
export async function open(browser, file, { address = pathToFileURL(file).href, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const faults = [];
  page.on("console", (message) => message.type() === "error" && faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  // A request that is under way when the next page is asked for fails, too: so what counts is whether the file is there.
  page.on("requestfailed", (request) => isThere(request.url()) || faults.push(`no such file: ${request.url()}`));
  page.on("response", (response) => response.status() >= 400 && faults.push(`${response.status()}: ${response.url()}`));
  page.on("request", (request) => {
    const local = ["file:", "data:", "blob:"].includes(new URL(request.url()).protocol) || request.url().startsWith("http://127.0.0.1:");
    if (!local) faults.push(`asks the network: ${request.url()}`);
  });
  await page.goto(address);
  // What stands behind a summary is opened, but not what a player itself keeps for later.
  await page.evaluate(() => document.querySelectorAll("details:not(run-player details)").forEach((details) => (details.open = true)));
  return { page, faults, close: () => context.close() };
}

const isThere = (address) => address.startsWith("file:") && existsSync(fileURLToPath(new URL(address)));

/** Serves the book on this machine, as a web server would. */
export async function serve() {
  const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
  const server = createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url, "http://x").pathname);
    const file = path.join(html, name);
    if (!file.startsWith(html) || !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[path.extname(file)] ?? "application/octet-stream" });
    response.end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** What a player shows, read from the document. */
export const shown = (player) =>
  player.evaluate((player) => {
    const text = (selector) => player.querySelector(selector)?.textContent ?? null;
    const seen = (element) => element.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true, visibilityProperty: true });
    const panels = {};
    for (const panel of player.querySelectorAll(".run-panel")) {
      panels[panel.dataset.panel] = [...panel.querySelectorAll("li:not(.run-empty)")].map((item) => ({
        text: item.querySelector(".run-item").textContent,
        change: item.dataset.change ?? "",
        said: item.textContent,
      }));
    }
    const lines = [...player.querySelectorAll(".run-lines li")];
    const heads = [...player.querySelectorAll(".run-playhead")].filter(seen);
    return {
      step: Number(player.dataset.step),
      count: text(".run-count"),
      range: Number(player.querySelector("input").value),
      limit: Number(player.querySelector("input").max),
      now: text(".run-now"),
      panels,
      line: text(".run-source [aria-current] .run-code"),
      number: text(".run-source [aria-current] .run-number"),
      was: text(".run-source [data-was] .run-number"),
      about: text(".run-was"),
      current: lines.filter((line) => line.hasAttribute("aria-current")).map((line) => Number(line.dataset.number)),
      visible: lines.filter(seen).map((line) => Number(line.dataset.number)),
      heads: heads.map((head) => Number(head.getAttribute("x")) + Number(head.getAttribute("width")) / 2),
      // The numbers of the axis that lie under the playhead.
      under: heads.flatMap((head) => {
        const [x, width] = [Number(head.getAttribute("x")), Number(head.getAttribute("width"))];
        const axis = [...head.parentNode.querySelectorAll(":scope > text")].filter((number) => /^\d+$/.test(number.textContent));
        return axis.filter((number) => x <= number.getAttribute("x") && number.getAttribute("x") <= x + width).map((number) => Number(number.textContent));
      }),
      pictured: [...player.querySelectorAll(".run-image [data-from]")]
        .filter(seen)
        .map((part) => ({ from: Number(part.dataset.from), later: part.hasAttribute("data-later") })),
    };
  });
