/*
 * What every page does beside plain HTML: focus on the error summary, saving while one writes, files with
 * progress, a warning before the login ends, and nothing typed is lost. Every page works without it.
 */

const csrf = (root) =>
  root?.closest("form")?.elements.csrfmiddlewaretoken?.value ??
  JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ??
  "";

/* Errors: the summary takes focus when the page, or a part of it, is shown. */

function focusSummary(root) {
  const summary = root.querySelector?.("[data-error-summary]");
  if (summary) summary.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-error-summary] a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.scrollIntoView({ block: "center" });
  (field.matches("input, select, textarea") ? field : (field.querySelector("input, select, textarea") ?? field)).focus();
});

/*
 * Saved while one writes: <form data-autosave="/address/"> and {% saved %} inside it. One save at a time, a
 * moment after the last key. Where another window has changed the step, or the login has ended, it stops and says
 * so; what was typed stays on the page.
 */

const PAUSE = 1200;
const AGAIN = 15000;

function showSaved(form, key, extra = "") {
  const place = form.querySelector("[data-saved]") ?? document.querySelector("[data-saved]");
  if (place) place.textContent = `${place.dataset[key] ?? ""}${extra}`;
}

const clock = (moment) =>
  moment.toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm" }).replace(":", ".");

function stopSaving(form, key) {
  form.autosaveStopped = true;
  showSaved(form, key);
}

/** A login or logout in another tab makes this page's token old: take the one that the page has now. */
async function freshToken() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  if (!token) return;
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
}

async function post(form, again = false) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  const typedBefore = form.typedCount;
  const answer = await fetch(form.dataset.autosave, {
    method: "POST",
    body: data,
    headers: { "X-CSRFToken": csrf(form), Accept: "application/json" },
    redirect: "error",
    // A link that is followed meanwhile does not stop it. Browsers take no more than 64 KiB of that kind.
    keepalive: [...data.values()].reduce((sum, value) => sum + value.length, 0) < 20000,
  });
  if (answer.status === 401) {
    document.dispatchEvent(new CustomEvent("sambruk:ended"));
    return stopSaving(form, "textEnded");
  }
  if (answer.status === 403 && !again) {
    await freshToken();
    return post(form, true);
  }
  if (answer.status === 409) return stopSaving(form, "textConflict");
  if (!answer.ok) throw new Error(String(answer.status));
  const until = answer.headers.get("X-Session-Expires");
  if (until) document.dispatchEvent(new CustomEvent("sambruk:session", { detail: until }));
  const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (told.revision !== undefined && form.elements.revision) form.elements.revision.value = told.revision;
  showSaved(form, "textSaved", ` ${told.saved_at ?? clock(new Date())}`);
  // The server has it all: the copy in this tab would only grow old.
  if (form.typedCount === typedBefore) forget(form);
  return undefined;
}

async function save(form) {
  clearTimeout(form.autosaveTimer);
  form.autosaveTimer = 0;
  if (form.autosaveStopped) return undefined;
  if (!navigator.onLine) return showSaved(form, "textOffline");
  if (form.saving) {
    await form.saving;
    return save(form);
  }
  form.saving = post(form).catch(() => {
    showSaved(form, navigator.onLine ? "textFailed" : "textOffline");
    form.autosaveTimer = setTimeout(() => save(form), AGAIN);
  });
  await form.saving;
  form.saving = null;
  return undefined;
}

function saveSoon(form) {
  clearTimeout(form.autosaveTimer);
  form.autosaveTimer = setTimeout(() => save(form), PAUSE);
}

// Leaving the page saves what was typed in the last moment. A submit saves it by itself.
addEventListener("pagehide", () => {
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    if (form.autosaveTimer && !form.dataset.sending && !form.saving && !form.autosaveStopped) save(form);
  }
});

/* Nothing typed is lost: kept in this tab until it was sent by the same login. <form data-keep> */

const KEPT = "sambruk.kept.";
const actor = document.body.dataset.actorKey ?? "";
const keptKey = (form, path) => `${KEPT}${path}#${form.id || form.getAttribute("action") || ""}`;
const NEVER = ["password", "file", "submit", "button"];
const keepable = (field) =>
  field.name && !NEVER.includes(field.type) && (field.type !== "hidden" || "kept" in field.dataset);

function typed(form) {
  const values = {};
  for (const field of form.elements) {
    if (!keepable(field)) continue;
    if (["checkbox", "radio"].includes(field.type)) {
      values[field.name] ??= [];
      if (field.checked) values[field.name].push(field.value);
    } else values[field.name] = field.value;
  }
  return values;
}

function keep(form, sent = false) {
  const entry = { actor, path: location.pathname, sent, values: typed(form) };
  try {
    sessionStorage.setItem(keptKey(form, location.pathname), JSON.stringify(entry));
  } catch {
    // The storage is full or closed: the page goes on without it.
  }
}

function forget(form) {
  try {
    sessionStorage.removeItem(keptKey(form, location.pathname));
  } catch {
    // Closed: then nothing was kept.
  }
}

/** Write kept values into a form's fields; returns the fields that changed. */
function putBack(form, values) {
  const changed = [];
  for (const field of form.elements) {
    if (!keepable(field) || !(field.name in values)) continue;
    if (["checkbox", "radio"].includes(field.type)) {
      const checked = values[field.name].includes(field.value);
      if (checked !== field.checked) changed.push(field);
      field.checked = checked;
    } else {
      if (field.value !== values[field.name]) changed.push(field);
      field.value = values[field.name];
    }
  }
  return changed;
}

/** Put back, also into questions that are drawn only when another's answer has been put back. */
function restore(form, values) {
  const changed = putBack(form, values);
  const absent = () => Object.keys(values).some((name) => !form.elements.namedItem(name));
  if (changed.length && absent()) {
    const drawn = (event) => {
      if (!form.contains(event.detail.target)) return;
      document.removeEventListener("htmx:afterSettle", drawn);
      restore(form, values);
    };
    document.addEventListener("htmx:afterSettle", drawn);
  }
  // Whoever depends on them hears of it: questions are drawn anew, a map moves its mark.
  for (const field of changed) field.dispatchEvent(new Event("change", { bubbles: true }));
  return changed.length > 0;
}

function restoreKept() {
  const forms = [...document.querySelectorAll("form[data-keep]")];
  const keys = new Map(forms.map((form) => [keptKey(form, location.pathname), form]));
  for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(KEPT))) {
    const entry = JSON.parse(sessionStorage.getItem(key));
    if (entry.actor !== actor) continue; // logged out: it waits for the same person
    const form = keys.get(key);
    if (!form) {
      // It was sent, and another page came: not one that says that it was not taken.
      if (entry.sent && !document.querySelector(".sb-error-page")) sessionStorage.removeItem(key);
      continue;
    }
    sessionStorage.removeItem(key);
    if (!restore(form, entry.values)) continue;
    const notice = document.querySelector("template[data-kept-notice]");
    document.getElementById("messages")?.append(notice.content.cloneNode(true));
    if (!form.matches("[data-autosave]")) continue;
    sessionStorage.setItem(key, JSON.stringify({ ...entry, sent: false })); // until it is saved
    saveSoon(form);
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form) return;
  form.typedCount = (form.typedCount ?? 0) + 1;
  if (form.matches("[data-keep]")) keep(form);
  if (form.matches("[data-autosave]")) saveSoon(form);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  clearTimeout(form.autosaveTimer);
  if (form.matches("[data-keep]")) keep(form, true);
  if (form.matches("[data-logout]")) {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(KEPT)) sessionStorage.removeItem(key);
  }
  if (!form.saving) return;
  // A save under way changes the revision that this form is sent with: it is sent as soon as that is done.
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = event.submitter;
  button?.setAttribute("aria-busy", "true");
  form.saving.finally(() => {
    form.saving = null;
    clearTimeout(form.autosaveTimer);
    form.requestSubmit(button);
  });
});

/* One press sends once: the button stays, and says that it works. */

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.matches("[hx-post], [hx-get]")) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
  for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
});

/* Files: sent as soon as they are chosen, with progress; the answer replaces data-upload-target. */

function upload(box, files) {
  const input = box.querySelector("input[type=file]");
  const bar = box.querySelector("progress");
  const status = box.querySelector("[data-upload-status]");
  const form = box.closest("form");
  const data = new FormData();
  for (const file of files) data.append(input.name, file);
  data.append("csrfmiddlewaretoken", csrf(box));
  const request = new XMLHttpRequest();
  const say = (text, failed = false) => {
    if (status) status.textContent = text;
    status?.toggleAttribute("data-failed", failed);
  };
  request.upload.addEventListener("progress", (event) => {
    if (!bar || !event.lengthComputable) return;
    bar.hidden = false;
    bar.value = Math.round((100 * event.loaded) / event.total);
    say(`${box.dataset.textProgress ?? ""} ${bar.value} %`);
  });
  request.addEventListener("loadend", () => {
    if (bar) bar.hidden = true;
    input.value = "";
    const target = document.querySelector(box.dataset.uploadTarget ?? "") ?? null;
    if (request.status === 401) {
      document.dispatchEvent(new CustomEvent("sambruk:ended"));
      return say(box.dataset.textFailed ?? "", true);
    }
    if (request.status === 413) return say(box.dataset.textLarge ?? "", true);
    if (request.status !== 422 && (request.status < 200 || request.status > 299)) return say(box.dataset.textFailed ?? "", true);
    if (request.responseURL && new URL(request.responseURL).pathname !== new URL(address, location.href).pathname) {
      return location.assign(request.responseURL);
    }
    if (target) {
      target.innerHTML = request.responseText;
      window.htmx?.process(target);
      focusSummary(target);
    }
    return say(request.status === 422 ? "" : (box.dataset.textDone ?? ""));
  });
  const address = box.dataset.uploadUrl || form?.action || location.href;
  request.open("POST", address);
  request.setRequestHeader("X-CSRFToken", csrf(box));
  request.setRequestHeader("HX-Request", "true");
  request.send(data);
}

document.addEventListener("change", async (event) => {
  const box = event.target.matches("input[type=file]") && event.target.closest("[data-upload]");
  if (!box || !event.target.files.length) return;
  const { files, form } = event.target;
  // The server takes files for questions that it knows are asked: it hears of the answers first.
  if (form?.matches("[data-autosave]") && (form.autosaveTimer || form.saving)) await save(form);
  upload(box, files);
});

/* On and off line. */

const offline = document.querySelector("[data-offline]");
const showLine = () => {
  if (offline) offline.hidden = navigator.onLine;
};
addEventListener("offline", showLine);
addEventListener("online", showLine);

// A part that is drawn anew for somebody whose login has ended.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr?.status === 401) document.dispatchEvent(new CustomEvent("sambruk:ended"));
});

document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.detail.target));
// After htmx, which listens to the questions from the same moment on.
addEventListener("DOMContentLoaded", restoreKept);
showLine();
focusSummary(document);
