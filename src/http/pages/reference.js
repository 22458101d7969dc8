// The API, as its own description tells it.

import { el } from "./dom.js";

/** A shape in a line or a few: names of shapes are links to them. */
function shape(schema) {
  if (!schema) return "";
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return el("a", { href: `#shape-${name}` }, name);
  }
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array") return ["list of ", shape(schema.items)];
  const parts = schema.allOf ?? schema.oneOf ?? schema.anyOf;
  if (parts) return parts.map((part, at) => [at ? (schema.allOf ? " and " : " or ") : "", shape(part)]);
  if (schema.properties) return properties(schema);
  if ("const" in schema) return JSON.stringify(schema.const);
  return [schema.type ?? "anything"].flat().join(" or ") + (schema.format ? ` (${schema.format})` : "");
}

function properties(schema) {
  const rows = Object.entries(schema.properties).map(([name, value]) =>
    el("li", {}, el("code", {}, name), schema.required?.includes(name) ? ": " : " (may be left out): ", shape(value)));
  return el("ul", {}, rows);
}

function contents(content = {}) {
  return Object.entries(content).map(([media, { schema, example }]) =>
    el("div", {}, el("code", {}, media), " ", shape(schema), example && el("pre", {}, JSON.stringify(example, null, 2))));
}

function operation(path, method, described) {
  const parameters = described.parameters.map((parameter) =>
    el("li", {}, el("code", {}, parameter.name), ` in ${parameter.in}: `, shape(parameter.schema), ` ${parameter.description ?? ""}`));
  const answers = Object.entries(described.responses).map(([status, answer]) =>
    el("li", {}, el("code", {}, status), ` ${answer.description}`, contents(answer.content)));
  return el("details", { id: described.operationId },
    el("summary", {}, el("code", {}, `${method.toUpperCase()} ${path}`), ` ${described.summary}`),
    parameters.length > 0 && [el("h4", {}, "Parameters"), el("ul", {}, parameters)],
    described.requestBody && [el("h4", {}, "Body"), contents(described.requestBody.content)],
    el("h4", {}, "Answers"), el("ul", {}, answers));
}

const answer = await fetch("/api/openapi.json");
const description = await answer.json();
const groups = new Map();
for (const [path, item] of Object.entries(description.paths)) {
  for (const [method, described] of Object.entries(item)) {
    const [tag] = described.tags;
    groups.set(tag, [...(groups.get(tag) ?? []), operation(path, method, described)]);
  }
}
const shapes = Object.entries(description.components.schemas).map(([name, schema]) =>
  el("section", { id: `shape-${name}` }, el("h4", {}, name), shape(schema)));
document.getElementById("main").append(
  el("h1", {}, `${description.info.title} ${description.info.version}`),
  el("p", {}, description.info.summary, " ", el("a", { href: "/api/openapi.json" }, "OpenAPI")),
  ...[...groups].flatMap(([tag, operations]) => [el("h2", {}, tag), ...operations]),
  el("h2", {}, "Shapes"), ...shapes,
);
