// When an answer changes what is asked, the questions are drawn anew by the server. What was typed while the
// answer was on its way is newer than what it was drawn from: the browser's values stay. The swap settles at
// once (settle:0ms), since htmx listens to the new questions only then: an answer within its usual pause of
// 20 ms, which a keyboard easily gives, would draw nothing.

const typed = (element) => element.name && !["hidden", "file", "submit", "button"].includes(element.type);
let before = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "blocks") return;
  before = new Map();
  for (const element of event.detail.target.querySelectorAll("input, textarea, select")) {
    if (!typed(element)) continue;
    const choice = ["radio", "checkbox"].includes(element.type);
    before.set(choice ? `${element.name}=${element.value}` : element.name, choice ? element.checked : element.value);
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "blocks" || !before) return;
  for (const element of event.detail.target.querySelectorAll("input, textarea, select")) {
    if (!typed(element)) continue;
    const choice = ["radio", "checkbox"].includes(element.type);
    const key = choice ? `${element.name}=${element.value}` : element.name;
    if (!before.has(key)) continue;
    if (choice) element.checked = before.get(key);
    else element.value = before.get(key);
  }
  before = null;
});
