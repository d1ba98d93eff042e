/* "Använd min plats": fills in latitude and longitude when the person asks for it, never before. */

function locate(button) {
  const say = (text) => {
    const status = button.parentElement.querySelector("[role=status]");
    if (status) status.textContent = text;
  };
  say(button.dataset.textWait);
  button.setAttribute("aria-busy", "true");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      for (const [name, value] of [[button.dataset.latitude, coords.latitude], [button.dataset.longitude, coords.longitude]]) {
        const field = document.getElementById(name) ?? document.querySelector(`[name="${CSS.escape(name)}"]`);
        if (!field) continue;
        field.value = value.toFixed(6);
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
      button.removeAttribute("aria-busy");
      say(button.dataset.textDone);
    },
    (error) => {
      button.removeAttribute("aria-busy");
      say(error.code === error.PERMISSION_DENIED ? button.dataset.textDenied : button.dataset.textFailed);
    },
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
  );
}

for (const button of document.querySelectorAll("[data-geo]")) {
  if (!("geolocation" in navigator)) continue;
  button.hidden = false;
  button.addEventListener("click", () => locate(button));
}
