// One report: what it is, what it says, which indicators it holds.

import { download, get, post } from "./api.js";
import { ago, contextOf, copy, copyButton, count, el, EXTENDED_TYPES, flagChips, size, statusChip, toast, TYPES } from "./dom.js";

const FORMATS = ["json", "csv", "stix", "misp", "ecs", "txt"];
/** Seconds between two looks at a report that is still being read. */
const PATIENCE = [0.5, 1, 1, 2, 2, 3, 5];

export async function report(page) {
  const submission = await get(`/api/submissions/${page.id}`);
  watch(page, submission, 0);
  return draw(page, submission);
}

/** Draws the report anew as soon as it has been read. */
function watch(page, submission, turn) {
  if (submission.status !== "pending" && submission.status !== "processing") return;
  const pause = PATIENCE[Math.min(turn, PATIENCE.length - 1)] * 1000;
  const timer = setTimeout(async () => {
    const next = await get(`/api/submissions/${page.id}`).catch(() => submission);
    if (page.signal.aborted) return;
    if (next.status !== submission.status) document.getElementById("main").replaceChildren(...draw(page, next));
    watch(page, next, turn + 1);
  }, pause);
  page.signal.addEventListener("abort", () => clearTimeout(timer));
}

function draw(page, submission) {
  const nodes = [headCard(page, submission)];
  if (submission.error) nodes.push(el("div", { class: "notice bad", role: "alert" }, submission.error.message));
  if (submission.status === "completed") nodes.push(...indicatorCards(submission));
  return nodes;
}

function headCard(page, submission) {
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
    actions(page, submission));
}

function actions(page, submission) {
  const base = `/api/submissions/${submission.id}`;
  const attempt = (work) => work().catch((problem) => toast(problem.message, true));
  const exports = submission.status === "completed"
    ? [el("span", { class: "soft small" }, "Export"), FORMATS.map((format) =>
        el("button", { type: "button", onclick: () => attempt(() => download(`${base}/export?format=${format}`)) }, format.toUpperCase()))]
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

function indicatorCards(submission) {
  const options = { defang: true, flagged: true, text: "" };
  const groups = el("div", { class: "stack" });
  let iocs = submission.iocs;
  const paint = () => groups.replaceChildren(...groupCards(iocs, options));
  const more = el("input", { type: "checkbox", onchange: async () => {
    try {
      iocs = more.checked ? (await get(`/api/submissions/${submission.id}`, { extended: true })).iocs : submission.iocs;
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
    el("div", { class: "row" }, el("h2", {}, count(submission.ioc_count, "indicator")), el("span", { class: "grow" }),
      check("defang", "Defanged"), check("flagged", "Flagged"), el("label", { class: "check" }, more, "More types"), el("div", { class: "search" }, filter)),
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
      el("summary", {}, labels[type] ?? type, el("span", { class: "chip" }, String(members.length)), all),
      members.map((ioc) => iocRow(ioc, text(ioc))))];
  });
  const nothing = iocs.length ? "Nothing matches." : "No indicators were found in this report.";
  return cards.length ? cards : [el("div", { class: "card empty" }, nothing)];
}

function iocRow(ioc, shown) {
  return el("div", { class: ioc.flags.length ? "ioc flagged" : "ioc" },
    el("div", { class: "line" },
      el("a", { class: "value", href: `#/i/${ioc.id}` }, shown),
      ioc.description && el("span", { class: "chip" }, ioc.description),
      copyButton(shown)),
    contextOf(ioc) && el("div", { class: "context" }, contextOf(ioc)),
    ioc.flags.length > 0 && el("div", { class: "row" }, flagChips(ioc.flags)));
}
