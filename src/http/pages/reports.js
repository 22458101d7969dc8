// The first view: hand something in, and what was handed in before.

import { get, post } from "./api.js";
import { ago, count, el, statusChip, toast } from "./dom.js";

const PAGE = 25;
const SOURCES = { file_upload: "File", url: "URL", text: "Pasted text" };

export async function reports() {
  const first = await get("/api/submissions", { limit: PAGE });
  return [submitCard(), listCard(first)];
}

function submitCard() {
  const panel = el("div", { class: "stack" });
  const forms = { File: fileForm, URL: urlForm, Text: textForm };
  const tabs = Object.keys(forms).map((name) =>
    el("button", { type: "button", role: "tab", onclick: () => choose(name) }, name));
  function choose(name) {
    for (const tab of tabs) tab.setAttribute("aria-selected", tab.textContent === name);
    panel.replaceChildren(forms[name]());
  }
  choose("File");
  return el("section", { class: "card pad stack", "aria-label": "Hand in a report" },
    el("div", { class: "head" },
      el("div", {}, el("h1", {}, "Sift a report"), el("p", { class: "soft" }, "Indicators of compromise out of documents, pages and text.")),
      el("div", { class: "tabs", role: "tablist" }, tabs)),
    panel);
}

async function submit(path, body, button) {
  if (button) button.disabled = true;
  try {
    const submission = await post(path, body);
    if (submission.duplicate) toast("This was handed in before.");
    location.hash = `#/s/${submission.id}`;
  } catch (problem) {
    toast(problem.status === 401 ? "Sign in first: handing in needs an account." : problem.message, true);
    if (problem.status === 401) location.hash = "#/account";
  } finally {
    if (button) button.disabled = false;
  }
}

function fileForm() {
  const send = (file) => {
    if (!file) return;
    const form = new FormData();
    form.append("file", file);
    drop.querySelector("strong").textContent = `Sending ${file.name} …`;
    submit("/api/submissions/file", form).finally(() => {
      drop.querySelector("strong").textContent = CALL;
    });
  };
  const CALL = "Drop a report here, or choose one";
  const input = el("input", { type: "file", "aria-label": "Report file", onchange: () => send(input.files[0]) });
  const over = (event, on) => {
    event.preventDefault();
    drop.classList.toggle("over", on);
  };
  const drop = el("label", {
    class: "drop",
    ondragover: (event) => over(event, true),
    ondragleave: (event) => over(event, false),
    ondrop: (event) => {
      over(event, false);
      send(event.dataTransfer.files[0]);
    },
  }, input, el("strong", {}, CALL), el("span", { class: "small" }, "PDF, Word, Excel, PowerPoint, OpenDocument, RTF, EPUB, HTML, MHTML, mail, Markdown, CSV, TSV, JSON, XML, YAML, text, and archives of them: ZIP, 7z, TAR, gzip, bzip2, xz, Zstandard"));
  return drop;
}

function urlForm() {
  const field = el("input", { type: "url", required: true, placeholder: "https://example.com/threat-report", "aria-label": "URL" });
  const button = el("button", { class: "main" }, "Fetch and sift");
  const onsubmit = (event) => {
    event.preventDefault();
    submit("/api/submissions/url", { url: field.value }, button);
  };
  return el("form", { class: "row", onsubmit }, el("div", { class: "grow" }, field), button);
}

function textForm() {
  const text = el("textarea", { required: true, placeholder: "Paste a report, a log, a list …", "aria-label": "Text" });
  const title = el("input", { placeholder: "Title (optional)", maxlength: 300, "aria-label": "Title" });
  const button = el("button", { class: "main" }, "Sift");
  const onsubmit = (event) => {
    event.preventDefault();
    submit("/api/submissions/text", { text: text.value, title: title.value || null }, button);
  };
  return el("form", { class: "stack", onsubmit }, text, el("div", { class: "row" }, el("div", { class: "grow" }, title), button));
}

function listCard(first) {
  const list = el("div", { class: "list" });
  const more = el("button", { type: "button" }, "More");
  const search = el("input", { type: "search", placeholder: "Search titles, names, URLs", "aria-label": "Search reports" });
  const foot = el("div", { class: "pad row" }, more);
  let shown = 0;
  let wanted = 0;

  function add(rows) {
    shown += rows.length;
    list.append(...rows.map(row));
    foot.hidden = rows.length < PAGE;
    if (!shown) list.append(el("div", { class: "empty" }, search.value ? "Nothing matches." : "Nothing was handed in yet."));
  }
  async function load(fresh) {
    const turn = ++wanted;
    const offset = fresh ? 0 : shown;
    try {
      const rows = search.value
        ? (await get("/api/submissions/search", { q: search.value, limit: PAGE, offset })).submissions
        : await get("/api/submissions", { limit: PAGE, offset });
      if (turn !== wanted) return;
      if (fresh) {
        list.replaceChildren();
        shown = 0;
      }
      add(rows);
    } catch (problem) {
      toast(problem.message, true);
    }
  }
  let pause;
  search.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => load(true), 250);
  });
  more.addEventListener("click", () => load(false));
  add(first);
  return el("section", { class: "card", "aria-label": "Reports" },
    el("div", { class: "head pad" }, el("h2", {}, "Reports"), el("div", { class: "search" }, search)), list, foot);
}

function row(submission) {
  return el("a", { class: "item", href: `#/s/${submission.id}` },
    el("span", { class: "title" }, submission.title ?? submission.source_identifier),
    el("span", { class: "count" }, submission.status === "completed"
      ? el("span", { class: "chip" }, count(submission.ioc_count, "indicator")) : statusChip(submission.status)),
    el("span", { class: "sub" }, submission.title ? submission.source_identifier : SOURCES[submission.source_type]),
    el("span", { class: "sub" }, ago(submission.created_at)));
}
