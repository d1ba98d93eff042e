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

/* Saved while one writes: <form data-autosave="/address/"> and {% saved %} inside it. */

function showSaved(form, key, extra = "") {
  const place = form.querySelector("[data-saved]") ?? document.querySelector("[data-saved]");
  if (place) place.textContent = `${place.dataset[key] ?? ""}${extra}`;
}

const clock = (moment) =>
  moment.toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm" }).replace(":", ".");

async function save(form) {
  if (!navigator.onLine) return showSaved(form, "textOffline");
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  showSaved(form, "textSaving");
  try {
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      body: data,
      headers: { "X-CSRFToken": csrf(form), Accept: "application/json" },
      redirect: "error",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
    if (told.revision !== undefined && form.elements.revision) form.elements.revision.value = told.revision;
    showSaved(form, "textSaved", ` ${told.saved_at ?? clock(new Date())}`);
    return undefined;
  } catch {
    showSaved(form, navigator.onLine ? "textFailed" : "textOffline");
    form.autosaveTimer = setTimeout(() => save(form), 15000);
    return undefined;
  }
}

function saveSoon(form) {
  clearTimeout(form.autosaveTimer);
  form.autosaveTimer = setTimeout(() => save(form), 1200);
}

/* Nothing typed is lost: kept in this tab until it was sent by the same login. <form data-keep> */

const KEPT = "sambruk.kept.";
const actor = document.body.dataset.actorKey ?? "";
const keptKey = (form, path) => `${KEPT}${path}#${form.id || form.getAttribute("action") || ""}`;

function typed(form) {
  const values = {};
  for (const field of form.elements) {
    if (!field.name || ["hidden", "password", "file", "submit", "button"].includes(field.type)) continue;
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

function putBack(form, values) {
  let changed = false;
  for (const field of form.elements) {
    if (!field.name || !(field.name in values)) continue;
    if (["checkbox", "radio"].includes(field.type)) {
      const checked = values[field.name].includes(field.value);
      changed ||= checked !== field.checked;
      field.checked = checked;
    } else if (!["hidden", "password", "file", "submit", "button"].includes(field.type)) {
      changed ||= field.value !== values[field.name];
      field.value = values[field.name];
    }
  }
  return changed;
}

function restoreKept() {
  const forms = [...document.querySelectorAll("form[data-keep]")];
  const keys = new Map(forms.map((form) => [keptKey(form, location.pathname), form]));
  for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(KEPT))) {
    const entry = JSON.parse(sessionStorage.getItem(key));
    if (entry.actor !== actor) continue; // logged out: it waits for the same person
    const form = keys.get(key);
    if (!form) {
      if (entry.sent) sessionStorage.removeItem(key); // it was sent, and another page came
      continue;
    }
    sessionStorage.removeItem(key);
    if (!putBack(form, entry.values)) continue;
    const notice = document.querySelector("template[data-kept-notice]");
    document.getElementById("messages")?.append(notice.content.cloneNode(true));
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form) return;
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

document.addEventListener("change", (event) => {
  const box = event.target.matches("input[type=file]") && event.target.closest("[data-upload]");
  if (box && event.target.files.length) upload(box, event.target.files);
});

/* On and off line. */

const offline = document.querySelector("[data-offline]");
const showLine = () => {
  if (offline) offline.hidden = navigator.onLine;
};
addEventListener("offline", showLine);
addEventListener("online", showLine);

document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.detail.target));
restoreKept();
showLine();
focusSummary(document);
