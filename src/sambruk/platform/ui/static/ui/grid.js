/* A calculation that is worked like a spreadsheet: arrows, Enter downwards, Escape takes back. <table data-grid> */

function cells(table) {
  return [...table.rows].map((row) => [...row.querySelectorAll("input, select")]).filter((row) => row.length);
}

function place(all, field) {
  const row = all.findIndex((inputs) => inputs.includes(field));
  return [row, all[row]?.indexOf(field) ?? -1];
}

function move(field, down, right) {
  const all = cells(field.closest("[data-grid]"));
  const [row, column] = place(all, field);
  const next = all[row + down]?.[Math.min(column + right, (all[row + down]?.length ?? 1) - 1)];
  if (!next || next === field || column + right < 0) return false;
  next.focus();
  next.select?.();
  return true;
}

// A box to tick has no text to move in.
const whole = (field) => field.type === "checkbox" || field.selectionStart === 0 && field.selectionEnd === field.value.length;
const first = (field) => field.selectionStart === 0 && field.selectionEnd === 0;
const last = (field) => field.selectionStart === field.value.length && field.selectionEnd === field.value.length;

document.addEventListener("focusin", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-grid] input")) return;
  field.dataset.before ??= field.value;
  field.select();
});

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-grid] input")) event.target.dataset.before = event.target.value;
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-grid] input") || event.ctrlKey || event.metaKey || event.altKey) return;
  let done = false;
  if (event.key === "ArrowDown" || (event.key === "Enter" && !event.shiftKey)) done = move(field, 1, 0) || event.key === "Enter";
  else if (event.key === "ArrowUp" || (event.key === "Enter" && event.shiftKey)) done = move(field, -1, 0) || event.key === "Enter";
  else if (event.key === "ArrowLeft" && (whole(field) || first(field))) done = move(field, 0, -1);
  else if (event.key === "ArrowRight" && (whole(field) || last(field))) done = move(field, 0, 1);
  else if (event.key === "Escape" && field.value !== field.dataset.before) {
    field.value = field.dataset.before;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.select();
    done = true;
  }
  if (done) event.preventDefault();
});
