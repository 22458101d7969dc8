// Speaks to the API of the server that sent this page. A token stays in this tab; a session is a cookie
// that scripts cannot read.

const TOKEN = "iocsift-token";

export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  set: (text) => sessionStorage.setItem(TOKEN, text),
  clear: () => sessionStorage.removeItem(TOKEN),
};

/** An answer that is a problem: `message` is its sentence. */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail ?? `The server answered ${status}.`);
    this.status = status;
    this.code = body?.code;
  }
}

async function send(path, options = {}) {
  const headers = new Headers(options.headers);
  if (token.get()) headers.set("Authorization", `Bearer ${token.get()}`);
  let response;
  try {
    response = await fetch(path, { ...options, headers, credentials: "same-origin" });
  } catch {
    throw new Problem(0, { detail: "The server cannot be reached." });
  }
  if (!response.ok) throw new Problem(response.status, await response.json().catch(() => null));
  return response;
}

/** The JSON of a GET; empty parameters are left out. */
export async function get(path, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== "" && value != null));
  return (await send(query.size ? `${path}?${query}` : path)).json();
}

/** Sends JSON or a form; gives the JSON of the answer, if it has any. */
export async function post(path, body, method = "POST") {
  const form = body instanceof FormData;
  const headers = body && !form ? { "Content-Type": "application/json" } : {};
  const response = await send(path, { method, headers, body: form ? body : body && JSON.stringify(body) });
  return response.status === 204 ? null : response.json();
}

/** Saves an answer as a file under the name the server gave it. */
export async function download(path) {
  const response = await send(path);
  const name = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("Content-Disposition") ?? "");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name ? decodeURIComponent(name[1]) : "download";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Who is signed in, or null. A token that is no longer valid is forgotten. */
export async function me() {
  try {
    return await get("/api/auth/me");
  } catch (problem) {
    if (problem.status === 401) token.clear();
    return null;
  }
}
