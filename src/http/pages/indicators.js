// Indicators over all reports: search, and one with where it was seen.

import { get, post } from "./api.js";
import { ago, contextOf, copyButton, count, el, EXTENDED_TYPES, flagChips, toast, TYPES } from "./dom.js";

const PAGE = 50;

export async function indicators(page) {
  const q = page.parameters.get("q") ?? "";
  const type = page.parameters.get("type") ?? "";
  const [found, stats] = await Promise.all([
    get("/api/iocs/search", { q, type, limit: PAGE }),
    get("/api/iocs/stats", { extended: true }),
  ]);
  const field = el("input", { type: "search", value: q, placeholder: "Part of a value, defanged or not", "aria-label": "Search indicators" });
  const number = (name) => stats.iocs_by_type[name] ?? 0;
  // Without a type, the search answers with the standard ones alone.
  const total = Object.keys(TYPES).reduce((sum, name) => sum + number(name), 0);
  const choice = ([name, label]) => el("option", { value: name, selected: name === type }, `${label} (${number(name).toLocaleString("en")})`);
  const select = el("select", { "aria-label": "Type" }, el("option", { value: "" }, "All types"), Object.entries(TYPES).map(choice),
    el("optgroup", { label: "More" }, Object.entries({ ...EXTENDED_TYPES, ...ownTypes(stats, type) }).map(choice)));
  const go = (event) => {
    event?.preventDefault();
    const query = new URLSearchParams(Object.entries({ q: field.value, type: select.value }).filter(([, value]) => value));
    location.hash = query.size ? `#/iocs?${query}` : "#/iocs";
  };
  select.addEventListener("change", () => go());
  return [
    el("section", { class: "card pad stack" },
      el("div", { class: "head" }, el("h1", {}, "Indicators"),
        el("span", { class: "soft" }, `${total.toLocaleString("en")} from ${count(stats.total_submissions, "report")}`)),
      el("form", { class: "row", onsubmit: go }, el("div", { class: "grow" }, field), select, el("button", { class: "main" }, "Search"))),
    resultCard(found, { q, type }),
  ];
}

/** Types of the settings: those that have indicators, and one that the address asks for. */
function ownTypes(stats, type) {
  const names = [...Object.keys(stats.iocs_by_type), type].filter((name) => name.startsWith("x_"));
  return Object.fromEntries(names.map((name) => [name, name]));
}

function resultCard(found, parameters) {
  const list = el("div", { class: "list" }, found.iocs.map(row));
  if (!found.iocs.length) list.append(el("div", { class: "empty" }, "Nothing matches."));
  let shown = found.iocs.length;
  const more = el("button", { type: "button", onclick: async () => {
    try {
      const next = await get("/api/iocs/search", { ...parameters, limit: PAGE, offset: shown });
      shown += next.iocs.length;
      list.append(...next.iocs.map(row));
      foot.hidden = shown >= next.total || !next.iocs.length;
    } catch (problem) {
      toast(problem.message, true);
    }
  } }, "More");
  const foot = el("div", { class: "pad row", hidden: shown >= found.total }, more);
  return el("section", { class: "card" }, el("div", { class: "pad soft" }, `${found.total.toLocaleString("en")} found`), list, foot);
}

function row(ioc) {
  return el("div", { class: ioc.flags.length ? "ioc flagged" : "ioc" },
    el("div", { class: "line" },
      el("a", { class: "value", href: `#/i/${ioc.id}` }, ioc.refanged_value),
      el("span", { class: "chip" }, ioc.type),
      copyButton(ioc.refanged_value)),
    contextOf(ioc) && el("div", { class: "context" }, contextOf(ioc)),
    el("div", { class: "row small soft" }, el("span", {}, `${count(ioc.submission_count, "report")}, last seen `, ago(ioc.last_seen_at)), flagChips(ioc.flags)));
}

/** Marks an indicator as a false positive, for every report. */
export function markButton(ioc, marked) {
  return el("button", { class: "plain", type: "button", onclick: async () => {
    const reason = prompt("Why is it a false positive? Every report will flag it. (The reason may stay empty.)");
    if (reason === null) return;
    try {
      marked(await post("/api/false-positives", { ioc_id: ioc.id, reason }));
    } catch (problem) {
      toast(problem.message, true);
    }
  } }, "Mark false positive");
}

function withdrawButton(mark, withdrawn) {
  return el("button", { class: "plain", type: "button", onclick: async () => {
    try {
      await post(`/api/false-positives/${mark.id}`, undefined, "DELETE");
      withdrawn();
    } catch (problem) {
      toast(problem.message, true);
    }
  } }, "Not a false positive");
}

export async function indicator(page) {
  const ioc = await get(`/api/iocs/${page.id}`, { limit: 100 });
  const facts = [
    ["Type", TYPES[ioc.ioc_type.name] ?? EXTENDED_TYPES[ioc.ioc_type.name] ?? ioc.ioc_type.name],
    ["First seen", ago(ioc.first_seen_at)],
    ["Last seen", ago(ioc.last_seen_at)],
    ["Reports", String(ioc.submission_count)],
  ];
  return [
    el("section", { class: "card pad stack" },
      el("div", { class: "head" }, el("h1", { class: "mono" }, ioc.refanged_value)),
      el("div", { class: "row" }, flagChips(ioc.flags), el("span", { class: "grow" }),
        ioc.false_positive ? withdrawButton(ioc.false_positive, () => page.refresh()) : markButton(ioc, () => page.refresh())),
      el("dl", { class: "facts" }, facts.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
      el("div", { class: "row" }, ioc.value === ioc.refanged_value
        ? copyButton(ioc.value) : [copyButton(ioc.refanged_value, "Copy defanged"), copyButton(ioc.value, "Copy live")])),
    el("section", { class: "card" }, el("div", { class: "pad" }, el("h2", {}, "Seen in")),
      ioc.submissions.map((seen) => el("div", { class: "ioc" },
        el("div", { class: "line" },
          el("a", { class: "grow", href: `#/s/${seen.id}` }, seen.title ?? seen.source_identifier),
          seen.description && el("span", { class: "chip" }, seen.description),
          el("span", { class: "small soft" }, ago(seen.created_at))),
        el("div", { class: "context" }, contextOf({ value: ioc.value, context: seen.context }))))),
  ];
}
