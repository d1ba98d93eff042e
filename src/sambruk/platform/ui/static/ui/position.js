/* A position in two hidden inputs: set by the telephone or on the map, shown in figures, taken away. */

const input = (name) => document.getElementById(name) ?? document.querySelector(`[name="${CSS.escape(name)}"]`);

/** The two inputs that a button, a map or the line of figures names. */
export const inputs = (element) => [input(element.dataset.latitude), input(element.dataset.longitude)];

/** Write a position (degrees, WGS 84) into the inputs that `element` names; without figures, none. */
export function setPosition(element, latitude, longitude) {
  const values = latitude === undefined ? ["", ""] : [latitude.toFixed(6), longitude.toFixed(6)];
  inputs(element).forEach((field, place) => {
    if (field) field.value = values[place];
  });
  // Both stand there before anybody hears of it.
  for (const field of inputs(element)) {
    field?.dispatchEvent(new Event("input", { bubbles: true }));
    field?.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function show() {
  for (const line of document.querySelectorAll("[data-position]")) {
    const [latitude, longitude] = inputs(line).map((field) => field?.value ?? "");
    line.hidden = !latitude || !longitude;
    line.querySelector("[data-position-text]").textContent = `${latitude}, ${longitude}`;
    line.querySelector("[data-position-clear]").hidden = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-position-clear]");
  if (!button) return;
  const line = button.closest("[data-position]");
  const near = line.parentElement.querySelector("input:not([type=hidden]), textarea");
  setPosition(line);
  near?.focus(); // the button goes with the line
});
document.addEventListener("change", show);
document.addEventListener("htmx:afterSwap", show);
show();
