// One report: what it is, what it says, which indicators it holds.

import { download, get, post } from "./api.js";
import { ago, contextOf, copy, copyButton, count, el, EXTENDED_TYPES, flagChips, size, statusChip, toast, TYPES } from "./dom.js";
import { markButton } from "./indicators.js";

/** The list of the flags that people set. */
const MARKED = "false-positives";
/** What "More types" adds. */
const EXTENDED = `${Object.values(EXTENDED_TYPES).join(", ")}, and types of the settings`;
const FORMATS = ["json", "csv", "stix", "misp", "ecs", "txt"];
/** Rows of one type that are drawn at once. */
const ROWS = 250;
/** Seconds between two looks at a report that is still being read. */
const PATIENCE = [0.5, 1, 1, 2, 2, 3, 5];

/** Indicators that are asked for at once. */
const PART = 10_000;

/** A report with its indicators, however many. */
async function read(id, options = {}) {
  const report = await get(`/api/submissions/${id}`, { ...options, limit: PART });
  for (let last = report.iocs; last.length === PART;) {
    last = (await get(`/api/submissions/${id}`, { ...options, limit: PART, offset: report.iocs.length })).iocs;
    report.iocs.push(...last);
  }
  return report;
}

export async function report(page) {
  const submission = await read(page.id);
  watch(page, submission, 0);
  return draw(page, submission);
}

/** Draws the report anew as soon as it has been read. */
function watch(page, submission, turn) {
  if (submission.status !== "pending" && submission.status !== "processing") return;
  const pause = PATIENCE[Math.min(turn, PATIENCE.length - 1)] * 1000;
  const timer = setTimeout(async () => {
    const next = await read(page.id).catch(() => submission);
    if (page.signal.aborted) return;
    if (next.status !== submission.status) document.getElementById("main").replaceChildren(...draw(page, next));
    watch(page, next, turn + 1);
  }, pause);
  page.signal.addEventListener("abort", () => clearTimeout(timer));
}

function draw(page, submission) {
  const options = { defang: true, flagged: true, extended: false, text: "" };
  const nodes = [headCard(page, submission, options)];
  if (submission.error) nodes.push(el("div", { class: "notice bad", role: "alert" }, submission.error.message));
  nodes.push(...submission.warnings.map((warning) => el("div", { class: "notice warn" }, warning.message)));
  if (submission.status === "completed") nodes.push(...indicatorCards(submission, options));
  return nodes;
}

function headCard(page, submission, options) {
  const facts = [
    ["Source", el("span", { class: "mono" }, submission.source_identifier)],
    ["Type", submission.content_type ?? submission.source_type],
    submission.size_bytes !== null && ["Size", size(submission.size_bytes)],
    submission.sha256 && ["SHA-256", el("span", {}, el("span", { class: "mono" }, submission.sha256), copyButton(submission.sha256))],
    submission.tlp && ["TLP", submission.tlp],
    submission.tags.length && ["Tags", submission.tags.map((tag) => el("span", { class: "chip" }, tag))],
    ["Handed in", ago(submission.created_at)],
  ].filter(Boolean);
  return el("section", { class: "card pad stack" },
    el("div", { class: "head" }, el("h1", {}, submission.title ?? submission.source_identifier), statusChip(submission.status)),
    submission.summary && el("p", {}, submission.summary),
    el("dl", { class: "facts" }, facts.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    actions(page, submission, options));
}

function actions(page, submission, options) {
  const base = `/api/submissions/${submission.id}`;
  const attempt = (work) => work().catch((problem) => toast(problem.message, true));
  const exports = submission.status === "completed"
    ? [el("span", { class: "soft small" }, "Export"), FORMATS.map((format) =>
        el("button", { type: "button", onclick: () => attempt(() => download(`${base}/export?format=${format}&extended=${options.extended}`)) },
          format.toUpperCase()))]
    : [];
  const again = el("button", { class: "plain", type: "button", onclick: () => attempt(async () => {
    await post(`${base}/reprocess`);
    page.refresh();
  }) }, "Read again");
  const original = el("button", { class: "plain", type: "button", onclick: () => attempt(() => download(`${base}/content`)) }, "Original");
  const remove = el("button", { class: "plain danger", type: "button", onclick: () => attempt(async () => {
    if (!confirm("Delete this report and its indicators?")) return;
    await post(base, undefined, "DELETE");
    location.hash = "#/";
  }) }, "Delete");
  return el("div", { class: "head" }, el("div", { class: "row" }, exports), el("div", { class: "row" }, original, again, remove));
}

function indicatorCards(submission, options) {
  const groups = el("div", { class: "stack" });
  let iocs = submission.iocs;
  const total = el("h2");
  const paint = () => {
    total.textContent = count(iocs.length, "indicator");
    groups.replaceChildren(...groupCards(iocs, options));
  };
  const more = el("input", { type: "checkbox", onchange: async () => {
    try {
      iocs = more.checked ? (await read(submission.id, { extended: true })).iocs : submission.iocs;
      options.extended = more.checked;
    } catch (problem) {
      toast(problem.message, true);
    }
    paint();
  } });
  const check = (name, label) => {
    const box = el("input", { type: "checkbox", checked: options[name], onchange: () => { options[name] = box.checked; paint(); } });
    return el("label", { class: "check" }, box, label);
  };
  const filter = el("input", { type: "search", placeholder: "Filter", "aria-label": "Filter indicators", oninput: () => {
    options.text = filter.value.toLowerCase();
    paint();
  } });
  paint();
  return [
    el("div", { class: "row" }, total, el("span", { class: "grow" }), check("defang", "Defanged"), check("flagged", "Flagged"),
      el("label", { class: "check", title: EXTENDED }, more, "More types"), el("div", { class: "search" }, filter)),
    groups,
  ];
}

function groupCards(iocs, options) {
  const shown = iocs.filter((ioc) => (options.flagged || !ioc.flags.length)
    && `${ioc.value} ${ioc.refanged_value} ${ioc.context} ${ioc.description ?? ""}`.toLowerCase().includes(options.text));
  const text = (ioc) => (options.defang ? ioc.refanged_value : ioc.value);
  const labels = { ...TYPES, ...EXTENDED_TYPES };
  const own = new Set(shown.map((ioc) => ioc.ioc_type.name).filter((type) => !(type in labels)));
  const cards = [...Object.keys(labels), ...own].flatMap((type) => {
    const members = shown.filter((ioc) => ioc.ioc_type.name === type);
    if (!members.length) return [];
    const all = el("button", { class: "plain", type: "button", onclick: (event) => {
      event.preventDefault();
      copy(members.map(text).join("\n"), `Copied ${members.length}`);
    } }, "Copy all");
    return [el("details", { class: "card group", open: true },
      el("summary", {}, labels[type] ?? type, el("span", { class: "chip" }, members.length.toLocaleString("en")), all),
      rows(members, text))];
  });
  const nothing = iocs.length ? "Nothing matches." : "No indicators were found in this report.";
  return cards.length ? cards : [el("div", { class: "card empty" }, nothing)];
}

/** The first of `members`, and a button for more: a list may hold a hundred thousand. */
function rows(members, text) {
  const list = el("div", { class: "list" });
  let shown = 0;
  const add = () => {
    const next = members.slice(shown, shown + ROWS);
    list.append(...next.map((ioc) => iocRow(ioc, text(ioc))));
    shown += next.length;
    more.textContent = `More (${(members.length - shown).toLocaleString("en")})`;
    foot.hidden = shown >= members.length;
  };
  const more = el("button", { type: "button", onclick: add });
  const foot = el("div", { class: "pad row" }, more);
  add();
  return [list, foot];
}

function iocRow(ioc, shown) {
  const mark = markButton(ioc, () => {
    ioc.flags.push({ list: MARKED, reason: "marked as a false positive" });
    row.replaceWith(iocRow(ioc, shown));
  });
  const row = el("div", { class: ioc.flags.length ? "ioc flagged" : "ioc" },
    el("div", { class: "line" },
      el("a", { class: "value", href: `#/i/${ioc.id}` }, shown),
      ioc.description && el("span", { class: "chip" }, ioc.description),
      ioc.flags.some(({ list }) => list === MARKED) || mark,
      copyButton(shown)),
    contextOf(ioc) && el("div", { class: "context" }, contextOf(ioc)),
    el("div", { class: "row small soft" }, confidence(ioc), el("span", {}, where(ioc)), flagChips(ioc.flags)));
  return row;
}

/** How sure the engine is; opened, it says why. */
function confidence(ioc) {
  const name = `Confidence ${ioc.confidence}`;
  if (!ioc.confidence_reasons.length) return el("span", {}, name);
  return el("details", { class: "why" }, el("summary", {}, name),
    el("ul", {}, ioc.confidence_reasons.map(({ points, phrase }) =>
      el("li", {}, el("span", { class: "points" }, points > 0 ? `+${points}` : String(points)), phrase))));
}

/** "page 3, line 120, 4 times". */
function where({ location, occurrences }) {
  const { page, sheet, slide, line } = location;
  return [page && `page ${page}`, sheet && `sheet ${sheet}`, slide && `slide ${slide}`, `line ${line}`,
    occurrences > 1 && count(occurrences, "time")].filter(Boolean).join(", ");
}
