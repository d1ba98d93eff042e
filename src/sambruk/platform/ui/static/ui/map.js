/*
 * A map to point at (Leaflet): a click, a tap, a drag of the mark, or by keyboard the middle of the map. It is
 * hidden until it can be shown, so that a page without scripts speaks of no map. Only its pictures come from
 * elsewhere, and the page's policy names where.
 */

import { inputs, setPosition } from "./position.js";

// Sweden with its waters: the bounds that the server holds a position against.
const SOUTH_WEST = [55, 10];
const NORTH_EAST = [69.2, 24.5];
let library;

const loaded = (element) =>
  new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
    document.head.append(element);
  });

function leaflet(box) {
  const sheet = (href) => loaded(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
  const script = (src) => loaded(Object.assign(document.createElement("script"), { src }));
  library ??= Promise.all([...box.dataset.css.split(" ").map(sheet), script(box.dataset.lib)]).then(() => window.L);
  return library;
}

const plain = (text) => {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
};

function position(box) {
  const [latitude, longitude] = inputs(box).map((field) => Number.parseFloat(field?.value ?? ""));
  return Number.isNaN(latitude) || Number.isNaN(longitude) ? null : [latitude, longitude];
}

function base(L, box, view) {
  const [latitude, longitude] = box.dataset.centre.split(",").map(Number);
  const map = L.map(view, { zoomControl: false, attributionControl: false, maxBoundsViscosity: 0.8 });
  map.setMaxBounds([SOUTH_WEST.map((one) => one - 2), NORTH_EAST.map((one) => one + 2)]);
  L.control.zoom({ zoomInTitle: box.dataset.textIn, zoomOutTitle: box.dataset.textOut }).addTo(map);
  L.control.attribution({ prefix: false }).addTo(map);
  L.tileLayer(box.dataset.tiles, { minZoom: 3, maxZoom: 18, attribution: plain(box.dataset.attribution) }).addTo(map);
  map.setView([latitude, longitude], Number(box.dataset.zoom));
  return map;
}

async function draw(box) {
  if (box.dataset.drawn) return;
  box.dataset.drawn = "1";
  const status = box.querySelector("[data-map-status]");
  const say = (text) => {
    status.textContent = text;
  };
  let L;
  try {
    L = await leaflet(box);
  } catch {
    box.hidden = false;
    box.replaceChildren(Object.assign(document.createElement("p"), { className: "sb-help", textContent: box.dataset.textFailed }));
    return;
  }
  box.hidden = false;
  const view = box.querySelector("[data-map-view]");
  const map = base(L, box, view);
  const aim = document.createElement("div");
  aim.className = "sb-map__aim";
  view.append(aim);
  const icon = L.divIcon({ className: "sb-map__mark", iconSize: [28, 28], iconAnchor: [14, 14] });
  let mark = null;
  let pointed = false;

  const choose = ({ lat, lng }) => {
    const inside = lat >= SOUTH_WEST[0] && lat <= NORTH_EAST[0] && lng >= SOUTH_WEST[1] && lng <= NORTH_EAST[1];
    if (!inside) {
      show();
      return say(box.dataset.textOutside);
    }
    pointed = true;
    setPosition(box, lat, lng);
    pointed = false;
    return say(box.dataset.textSet);
  };

  function show() {
    const at = position(box);
    if (!at) {
      mark?.remove();
      mark = null;
      return;
    }
    if (!mark) {
      mark = L.marker(at, { icon, draggable: true, keyboard: false, alt: box.dataset.textMark, title: box.dataset.textMark });
      mark.on("dragend", () => choose(mark.getLatLng()));
      mark.addTo(map);
    }
    mark.setLatLng(at);
    // What was pointed at is in view; the telephone's position may lie elsewhere, or be a speck of a country.
    if (!pointed) map.setView(at, Math.max(map.getZoom(), 15));
  }

  map.on("click", (event) => choose(event.latlng));
  view.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== view) return;
    event.preventDefault(); // Enter would send the form
    choose(map.getCenter());
  });
  box.querySelector("[data-map-centre]").addEventListener("click", () => choose(map.getCenter()));
  for (const field of inputs(box)) field?.addEventListener("change", show);
  if (position(box)) map.setView(position(box), 16);
  show();
}

const drawAll = () => document.querySelectorAll("[data-map]").forEach(draw);
document.addEventListener("htmx:afterSwap", drawAll);
drawAll();
