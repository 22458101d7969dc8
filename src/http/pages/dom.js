// Builds elements. Text is always text: what a report says never becomes markup.

/** An element; `on…` attributes are listeners, `class` and the rest are set as they are. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && typeof child !== "boolean"));
  return node;
}

/** A short message in the corner. */
export function toast(text, bad = false) {
  const node = el("div", { class: bad ? "toast bad" : "toast" }, text);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), 4000);
}

/** Copies a text and says so. */
export async function copy(text, what = "Copied") {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without HTTPS there is no clipboard: the old way.
    const field = el("textarea", {}, text);
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  toast(what);
}

export function copyButton(text, label = "Copy") {
  return el("button", { class: "plain", type: "button", onclick: () => copy(text), "aria-label": `${label} ${text}` }, label);
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** "3 hours ago", with the exact moment as its title. */
export function ago(timestamp) {
  let amount = (new Date(timestamp) - Date.now()) / 1000;
  const steps = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];
  for (const [unit, size] of steps) {
    if (Math.abs(amount) < size) return el("time", { datetime: timestamp, title: timestamp }, relative.format(Math.round(amount), unit));
    amount /= size;
  }
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1 << 20) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}

/** "1 report", "2 reports". */
export function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** A context with what is meant by `value` marked, however it is written there; null where there is nothing else. */
export function contextOf(ioc) {
  const written = ioc.value
    .replace(/[\\^$*+?()[\]{}|/]/g, "\\$&")
    .replace(/\./g, "\\s?[[({]?(\\.|dot)[\\])}]?\\s?")
    .replace(/^http/, "h..p")
    .replace(/@/, "\\s?[[({]?(@|at)[\\])}]?\\s?")
    .replace(/:/g, "[[({]?:[\\])}]?");
  const hit = new RegExp(written, "iu").exec(ioc.context);
  if (!hit) return ioc.context || null;
  const [before, after] = [ioc.context.slice(0, hit.index), ioc.context.slice(hit.index + hit[0].length)];
  return before.trim() || after.trim() ? [before, el("mark", {}, hit[0]), after] : null;
}

/** What the types of indicators are called here. */
export const TYPES = {
  ipv4: "IPv4 addresses", ipv6: "IPv6 addresses", domain: "Domains", url: "URLs", hash_md5: "MD5", hash_sha1: "SHA-1",
  hash_sha256: "SHA-256", hash_sha512: "SHA-512", email: "Mail addresses", cve: "CVEs", filename: "File names", command: "Commands",
  filepath: "File paths", asn: "Autonomous systems", ip_range: "Address ranges", ip_port: "Addresses with port",
  registry_key: "Registry keys", mitre_attack: "MITRE ATT&CK",
};

/** Types that an answer holds only where they are asked for; those of the settings go by their own names. */
export const EXTENDED_TYPES = {
  bitcoin: "Bitcoin addresses", ethereum: "Ethereum addresses", monero: "Monero addresses", ssdeep: "ssdeep", imphash: "Import hashes",
  ja3: "JA3", mutex: "Mutexes", user_agent: "User agents", onion: "Onion services", yara_rule: "YARA rules", tlp: "TLP labels", cwe: "CWEs",
};

/** How far a submission has come. */
export function statusChip(status) {
  const busy = status === "pending" || status === "processing";
  return el("span", { class: `chip ${busy ? "busy" : status}` }, status);
}

/** Why an indicator may be benign. */
export function flagChips(flags) {
  return flags.map((flag) => el("span", { class: "chip flag", title: `list: ${flag.list}` }, flag.reason));
}
