// Where the page begins: which view stands for which address.

import { me } from "./api.js";
import { el } from "./dom.js";
import { reports } from "./reports.js";
import { report } from "./report.js";
import { indicator, indicators } from "./indicators.js";
import { account } from "./account.js";

const VIEWS = [
  [/^\/$/, "reports", reports],
  [/^\/s\/(sub_[0-9a-z]+)$/, "reports", report],
  [/^\/iocs$/, "iocs", indicators],
  [/^\/i\/(ioc_[0-9a-z]+)$/, "iocs", indicator],
  [/^\/account$/, "account", account],
];

/** Cancelled when another view takes over. */
let current = new AbortController();

async function show() {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  const [path, query] = (location.hash.slice(1) || "/").split("?");
  const [pattern, nav, view] = VIEWS.find(([known]) => known.test(path)) ?? VIEWS[0];
  for (const link of document.querySelectorAll("[data-nav]")) {
    if (link.dataset.nav === nav) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const main = document.getElementById("main");
  const page = { signal, parameters: new URLSearchParams(query), id: pattern.exec(path)?.[1], refresh };
  try {
    const nodes = await view(page);
    if (signal.aborted) return;
    main.replaceChildren(...[nodes].flat());
    document.title = `${main.querySelector("h1")?.textContent ?? "Report"} · iocsift`;
  } catch (problem) {
    if (signal.aborted) return;
    if (problem.status === 401 && nav !== "account") location.hash = "#/account";
    else main.replaceChildren(el("div", { class: "notice bad" }, problem.message));
  }
}

/** Learns anew who is signed in, then draws the view anew. */
async function refresh() {
  const account = await me();
  document.getElementById("who").textContent = account ? account.username : "Sign in";
  await show();
}

addEventListener("hashchange", () => {
  show();
  scrollTo(0, 0);
});
refresh();
