/*
 * Keys for people who work here all day. Lists: j/k or arrows, Enter, x. Commands: their letter. Ctrl+K
 * finds anything. ? shows the keys. Single letters can be turned off (WCAG 2.1.4); all is reachable by Tab.
 */

const OFF = "sambruk.keys.off";
const lettersOn = () => localStorage.getItem(OFF) !== "1";
const writing = (element) =>
  element.matches?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

/* Lists */

const list = () => document.activeElement?.closest("[data-list]") ?? document.querySelector("[data-list]");
const rows = (table) => [...table.querySelectorAll("[data-row]")].filter((row) => !row.hidden);
const at = (table) => rows(table).findIndex((row) => row.contains(document.activeElement));

function go(step) {
  const table = list();
  if (!table) return false;
  const all = rows(table);
  if (!all.length) return false;
  const from = at(table);
  const to = from < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(from + step, 0), all.length - 1);
  (all[to].querySelector("[data-open]") ?? all[to].querySelector("a, button, input") ?? all[to]).focus();
  all[to].scrollIntoView({ block: "nearest" });
  return true;
}

function mark() {
  const table = list();
  const row = table && rows(table)[at(table)];
  const box = row?.querySelector("[data-mark]");
  if (!box) return false;
  box.click();
  return true;
}

/* Commands */

function command(letter) {
  const found = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key.toLowerCase() === letter);
  if (!found) return false;
  found.focus();
  found.click();
  return true;
}

const keysDialog = document.querySelector("dialog[data-keys]");
const palette = document.querySelector("dialog[data-palette]");

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target) || document.querySelector("dialog[open]")) return;
  const arrows = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (arrows) {
    if (event.target.closest?.("[data-list]") && go(arrows)) event.preventDefault();
    return;
  }
  if (!lettersOn()) return;
  const letter = event.key.toLowerCase();
  const done =
    (letter === "j" && go(1)) ||
    (letter === "k" && go(-1)) ||
    (letter === "x" && mark()) ||
    (letter === "?" && keysDialog && (keysDialog.showModal() || true)) ||
    (/^[a-zåäö0-9]$/.test(letter) && command(letter));
  if (done) event.preventDefault();
});

for (const button of document.querySelectorAll("[data-palette-open], [data-keys-open]")) {
  button.hidden = false;
  button.addEventListener("click", () => (button.matches("[data-keys-open]") ? keysDialog.showModal() : openPalette()));
}

const toggle = keysDialog?.querySelector("[data-keys-on]");
if (toggle) {
  toggle.checked = lettersOn();
  toggle.addEventListener("change", () => localStorage.setItem(OFF, toggle.checked ? "0" : "1"));
}

/* The palette: what this page and the menu offer, then what the server finds. */

const input = palette?.querySelector("input");
const options = palette?.querySelector("[role=listbox]");
const status = palette?.querySelector("[role=status]");
let chosen = 0;
let asked = 0;

function known() {
  const text = (element) => element.querySelector("span")?.textContent?.trim() || element.textContent.trim();
  const commands = [...document.querySelectorAll("[data-command]")].map((element) => ({
    label: text(element),
    hint: element.dataset.key?.toUpperCase() ?? "",
    run: () => element.click(),
  }));
  const menu = [...document.querySelectorAll(".sb-side a")].map((element) => ({ label: text(element), hint: "", url: element.href }));
  return [...commands, ...menu];
}

async function found(query) {
  const address = palette.dataset.paletteUrl;
  if (!address || query.length < 2) return [];
  const answer = await fetch(`${address}?q=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).items ?? [];
}

/* `whole`: the server has answered, so that nothing found is nothing there is. */
function show(items, whole) {
  options.replaceChildren(
    ...items.slice(0, 12).map((item, index) => {
      const option = document.createElement("li");
      option.id = `palette-${index}`;
      option.className = "sb-palette__option";
      option.setAttribute("role", "option");
      const label = document.createElement("span");
      label.textContent = item.label;
      const hint = document.createElement("span");
      hint.textContent = item.hint ?? "";
      option.append(label, hint);
      option.addEventListener("click", () => run(item));
      option.item = item;
      return option;
    }),
  );
  choose(0);
  status.textContent = whole && !items.length ? palette.dataset.textNone : "";
}

function choose(index) {
  const all = [...options.children];
  chosen = all.length ? (index + all.length) % all.length : 0;
  all.forEach((option, place) => option.setAttribute("aria-selected", String(place === chosen)));
  all[chosen]?.scrollIntoView({ block: "nearest" });
  if (all[chosen]) input.setAttribute("aria-activedescendant", all[chosen].id);
  else input.removeAttribute("aria-activedescendant");
}

function run(item) {
  palette.close();
  if (item.run) item.run();
  else if (new URL(item.url, location.href).origin === location.origin) location.assign(item.url);
}

const matching = (query) => known().filter((item) => item.label.toLowerCase().includes(query));

async function refresh() {
  const query = input.value.trim().toLowerCase();
  const turn = ++asked;
  const here = matching(query);
  show(here, false);
  try {
    const more = await found(query);
    if (turn === asked) show([...here, ...more], true);
  } catch {
    if (turn === asked) status.textContent = palette.dataset.textFailed;
  }
}

function openPalette() {
  if (palette.open) return;
  input.value = "";
  palette.showModal();
  input.focus();
  refresh();
}

let pause = 0;
input?.addEventListener("input", () => {
  clearTimeout(pause);
  asked += 1;
  // What the page itself offers follows each key: Enter never takes what stood there before it.
  show(matching(input.value.trim().toLowerCase()), false);
  pause = setTimeout(refresh, 120);
});
input?.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(chosen + step);
  else if (event.key === "Enter") {
    const option = options.children[chosen];
    if (option) run(option.item);
  } else return;
  event.preventDefault();
});
