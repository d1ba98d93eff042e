/* Draws a process and where the case stands in it. The list of steps under the picture is its text. */

const libraries = new Map();

function library(address) {
  if (!libraries.has(address)) {
    libraries.set(
      address,
      new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = address;
        script.addEventListener("load", resolve);
        script.addEventListener("error", reject);
        document.head.append(script);
      }),
    );
  }
  return libraries.get(address);
}

function styles(addresses) {
  for (const address of addresses.split(" ").filter(Boolean)) {
    if (document.head.querySelector(`link[href="${address}"]`)) continue;
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    document.head.append(link);
  }
}

const ids = (text) => (text ?? "").split(" ").filter(Boolean);

async function draw(figure) {
  if (figure.dataset.drawn) return;
  figure.dataset.drawn = "1";
  const place = figure.querySelector("[data-canvas]");
  styles(figure.dataset.bpmnCss);
  try {
    const [answer] = await Promise.all([fetch(figure.dataset.bpmnUrl), library(figure.dataset.bpmnLib)]);
    if (!answer.ok) throw new Error(String(answer.status));
    place.hidden = false;
    const colour = (token) => getComputedStyle(place).getPropertyValue(`--ds-color-neutral-${token}`).trim();
    const viewer = new window.BpmnJS({
      container: place,
      bpmnRenderer: {
        defaultFillColor: colour("surface-default"),
        defaultStrokeColor: colour("text-subtle"),
        defaultLabelColor: colour("text-default"),
      },
    });
    await viewer.importXML(await answer.text());
    const canvas = viewer.get("canvas");
    const registry = viewer.get("elementRegistry");
    for (const [list, name] of [[figure.dataset.completed, "sb-bpmn-completed"], [figure.dataset.current, "sb-bpmn-current"]]) {
      for (const id of ids(list)) if (registry.get(id)) canvas.addMarker(id, name);
    }
    canvas.zoom("fit-viewport", "auto");
    // The wheel belongs to the page until the picture is clicked.
    viewer.get("zoomScroll").toggle(false);
    place.addEventListener("pointerdown", () => viewer.get("zoomScroll").toggle(true), { once: true });
  } catch {
    place.hidden = true;
    const note = document.createElement("p");
    note.className = "sb-quiet";
    note.textContent = figure.dataset.textFailed;
    place.after(note);
  }
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    draw(entry.target);
  }
});

const watch = (root) => {
  for (const figure of root.querySelectorAll("[data-bpmn-url]:not([data-drawn])")) seen.observe(figure);
};

watch(document);
document.addEventListener("htmx:afterSwap", (event) => watch(event.detail.target));
