/* A warning before the login ends, with a way to stay: the body carries when, and where to extend it. */

const dialog = document.querySelector("[data-session-dialog]");
const over = document.querySelector("[data-session-over]");
const WARN_BEFORE = 3 * 60 * 1000;
let ends = Date.parse(document.body.dataset.sessionExpires ?? "");
let timer = 0;

const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";

function wait() {
  clearTimeout(timer);
  if (!dialog || Number.isNaN(ends)) return;
  const left = ends - Date.now();
  // A timer may not be longer than 24 days, and a computer that slept is behind: look again at least every minute.
  timer = setTimeout(look, Math.min(Math.max(left - WARN_BEFORE, 500), 60000));
}

function look() {
  const left = ends - Date.now();
  if (left <= WARN_BEFORE && !dialog.open) {
    const when = new Date(ends).toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm" });
    dialog.querySelector("[data-session-time]").textContent = when.replace(":", ".");
    dialog.showModal();
  }
  if (left > 0) wait();
  else ended();
}

// The page stays with what was typed (kept in this tab too); a login leads back to it.
function ended() {
  if (!over || over.open) return;
  clearTimeout(timer);
  if (dialog?.open) dialog.close();
  over.showModal();
}

async function extend() {
  const failed = dialog.querySelector("[data-session-failed]");
  try {
    const answer = await fetch(document.body.dataset.sessionExtend || location.href, {
      method: document.body.dataset.sessionExtend ? "POST" : "GET",
      headers: { "X-CSRFToken": csrf() },
      redirect: "error",
    });
    const until = Date.parse(answer.headers.get("X-Session-Expires") ?? "");
    if (!answer.ok || Number.isNaN(until)) throw new Error(String(answer.status));
    ends = until;
    failed.hidden = true;
    dialog.close();
    wait();
  } catch {
    failed.hidden = false;
  }
}

dialog?.querySelector("[data-session-continue]").addEventListener("click", extend);

over?.querySelector("[data-session-stay]").addEventListener("click", () => over.close());

// Every answer that the page fetches tells anew when the login ends.
function told(text) {
  const until = Date.parse(text ?? "");
  if (Number.isNaN(until)) return;
  ends = until;
  if (dialog?.open && ends - Date.now() > WARN_BEFORE) dialog.close();
  wait();
}
document.addEventListener("htmx:afterRequest", (event) => told(event.detail.xhr?.getResponseHeader("X-Session-Expires")));
document.addEventListener("sambruk:session", (event) => told(event.detail));
document.addEventListener("sambruk:ended", ended);
wait();
