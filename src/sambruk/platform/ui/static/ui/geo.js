/* "Använd min plats": fills in latitude and longitude when the person asks for it, never before. */

import { setPosition } from "./position.js";

function locate(button) {
  const say = (text) => {
    const status = button.parentElement.querySelector("[role=status]");
    if (status) status.textContent = text;
  };
  say(button.dataset.textWait);
  button.setAttribute("aria-busy", "true");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      button.removeAttribute("aria-busy");
      setPosition(button, coords.latitude, coords.longitude);
      say(button.dataset.textDone);
    },
    (error) => {
      button.removeAttribute("aria-busy");
      say(error.code === error.PERMISSION_DENIED ? button.dataset.textDenied : button.dataset.textFailed);
    },
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
  );
}

function show() {
  if (!("geolocation" in navigator)) return;
  for (const button of document.querySelectorAll("[data-geo]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-geo]");
  if (button) locate(button);
});
// Questions that are drawn anew bring a button of their own.
document.addEventListener("htmx:afterSwap", show);
show();
