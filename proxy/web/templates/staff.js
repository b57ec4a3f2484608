// Everything works without this: a part that renews itself, and a field that filters a table.
"use strict";
for (const part of document.querySelectorAll("[data-live]")) {
  const renew = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(part.dataset.live, {credentials: "same-origin", redirect: "error"});
      if (answer.ok && !part.contains(document.activeElement)) part.innerHTML = await answer.text();
    } catch {
      location.reload();
    }
  };
  setInterval(renew, 5000);
}
for (const table of document.querySelectorAll("table[data-filter]")) {
  const label = document.createElement("label");
  label.className = "find";
  label.textContent = table.dataset.filter;
  const find = document.createElement("input");
  find.type = "search";
  label.append(find);
  table.parentElement.before(label);
  find.addEventListener("input", () => {
    const wanted = find.value.toLocaleLowerCase();
    for (const row of table.tBodies[0].rows) row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
  });
}
for (const link of document.querySelectorAll("a[data-line]"))
  link.addEventListener("click", event => {
    const field = document.getElementById("text");
    const lines = field.value.split("\n"), line = link.dataset.line - 1;
    const start = lines.slice(0, line).join("\n").length + (line ? 1 : 0);
    event.preventDefault();
    field.focus();
    field.setSelectionRange(start, start + (lines[line] || "").length);
    field.scrollTop = field.scrollHeight * (line - 4) / lines.length;
  });
const range = document.querySelector("select[name=range]");
if (range)
  for (const name of ["from", "to"]) {
    const field = document.querySelector(`input[name=${name}]`);
    if (!field) continue;
    field.addEventListener("input", () => { range.value = "own"; });
  }
