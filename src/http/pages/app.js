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
    link.toggleAttribute("aria-current", link.dataset.nav === nav);
  }
  const main = document.getElementById("main");
  const page = { signal, parameters: new URLSearchParams(query), id: pattern.exec(path)?.[1], refresh };
  try {
    const nodes = await view(page);
    if (!signal.aborted) main.replaceChildren(...[nodes].flat());
  } catch (problem) {
    if (!signal.aborted) main.replaceChildren(el("div", { class: "notice bad" }, problem.message));
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
