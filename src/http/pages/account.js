// Signing in, by password or token, and one's tokens.

import { get, me, post, token } from "./api.js";
import { ago, copyButton, el, toast } from "./dom.js";

export async function account(page) {
  const who = await me();
  return who ? [whoCard(page, who), await tokensCard(page, who)] : [loginCard(page), tokenCard(page)];
}

function form(fields, label, work) {
  const button = el("button", { class: "main" }, label);
  return el("form", { class: "stack", onsubmit: async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await work();
    } catch (problem) {
      toast(problem.message, true);
    } finally {
      button.disabled = false;
    }
  } }, fields, el("div", {}, button));
}

function loginCard(page) {
  const name = el("input", { autocomplete: "username", required: true });
  const password = el("input", { type: "password", autocomplete: "current-password", required: true });
  return el("section", { class: "card pad stack" }, el("h1", {}, "Sign in"),
    form([el("label", {}, "User name", name), el("label", {}, "Password", password)], "Sign in", async () => {
      token.clear();
      await post("/api/auth/login", { username: name.value, password: password.value });
      await page.refresh();
    }));
}

function tokenCard(page) {
  const field = el("input", { type: "password", autocomplete: "off", required: true, placeholder: "ioc_…", class: "mono" });
  return el("section", { class: "card pad stack" }, el("h2", {}, "Or use a token"),
    el("p", { class: "soft small" }, "It stays in this tab and is forgotten when the tab closes."),
    form([el("label", {}, "Token", field)], "Use token", async () => {
      token.set(field.value.trim());
      if (!(await me())) throw new Error("This token is not valid.");
      await page.refresh();
    }));
}

function whoCard(page, who) {
  const out = async () => {
    if (token.get()) token.clear();
    else await post("/api/auth/logout");
    await page.refresh();
  };
  return el("section", { class: "card pad head" },
    el("div", {}, el("h1", {}, who.username),
      el("p", { class: "soft" }, who.role, who.token ? `, by the token “${who.token.name}” (${who.token.scopes.join(", ")})` : "")),
    el("button", { type: "button", onclick: () => out().catch((problem) => toast(problem.message, true)) }, "Sign out"));
}

async function tokensCard(page, who) {
  const tokens = (await get("/api/auth/tokens")).filter((one) => !one.revoked_at);
  const made = el("div");
  const name = el("input", { required: true, maxlength: 100, placeholder: "SIEM import" });
  const scope = el("select", {}, el("option", { value: "read" }, "read"), el("option", { value: "write", selected: true }, "read and write"),
    who.role === "admin" && el("option", { value: "admin" }, "everything"));
  const days = el("select", {}, ["30", "90", "365", ""].map((count) =>
    el("option", { value: count, selected: count === "90" }, count ? `${count} days` : "without end")));
  const list = el("div", { class: "list" }, tokens.map((one) => tokenRow(page, one)));
  const create = form(
    el("div", { class: "row" }, el("label", { class: "grow" }, "Name", name), el("label", {}, "May", scope), el("label", {}, "Lasts", days)),
    "Make a token",
    async () => {
      const scopes = { read: ["read"], write: ["read", "write"], admin: ["read", "write", "admin"] }[scope.value];
      const answer = await post("/api/auth/tokens", { name: name.value, scopes, expires_in_days: days.value ? Number(days.value) : null });
      made.replaceChildren(el("div", { class: "notice" }, "Copy it now, it is shown this once: ", el("code", {}, answer.token), copyButton(answer.token)));
      list.prepend(tokenRow(page, answer));
    });
  return el("section", { class: "card" }, el("div", { class: "pad stack" }, el("h2", {}, "API tokens"), create, made), list);
}

function tokenRow(page, one) {
  const revoke = el("button", { class: "plain danger", type: "button", onclick: async () => {
    if (!confirm(`Revoke “${one.name}”? Programs that use it stop working at once.`)) return;
    try {
      await post(`/api/auth/tokens/${one.id}`, undefined, "DELETE");
      item.remove();
    } catch (problem) {
      toast(problem.message, true);
    }
  } }, "Revoke");
  const item = el("div", { class: "item" },
    el("span", { class: "title" }, one.name, " ", el("span", { class: "mono soft small" }, `${one.hint}…`)), revoke,
    el("span", { class: "sub" }, one.scopes.join(", "), one.last_used_at ? [", used ", ago(one.last_used_at)] : ", never used"),
    el("span", { class: "sub" }, one.expires_at ? ["ends ", ago(one.expires_at)] : "without end"));
  return item;
}
