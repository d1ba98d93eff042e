/*
 * Copies the browser code that the pages use from node_modules to the package's static files:
 *
 *   npm ci --ignore-scripts && node frontend/build.mjs
 *
 * Nothing is transformed, so what runs is what package-lock.json's hashes name; the web server's
 * static files get their hashes when Django collects them. Licences are copied beside the files.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const target = join(root, "src/sambruk/platform/ui/static/vendor");

/** package → [file or folder inside it, name under vendor/] */
const files = {
  "@digdir/designsystemet-css": [["dist/src/index.css", "designsystemet/index.css"]],
  "@digdir/designsystemet-theme": [["src/themes/designsystemet.css", "designsystemet/theme.css"]],
  "htmx.org": [["dist/htmx.min.js", "htmx.min.js"]],
  "bpmn-js": [
    ["dist/bpmn-navigated-viewer.production.min.js", "bpmn-js/navigated-viewer.js"],
    ["dist/assets/diagram-js.css", "bpmn-js/diagram-js.css"],
    ["dist/assets/bpmn-js.css", "bpmn-js/bpmn-js.css"],
  ],
  leaflet: [
    ["dist/leaflet.js", "leaflet/leaflet.js"],
    // Named by the script's last line: static files whose names carry their hashes want it there.
    ["dist/leaflet.js.map", "leaflet/leaflet.js.map"],
    ["dist/leaflet.css", "leaflet/leaflet.css"],
    ...["layers.png", "layers-2x.png", "marker-icon.png"].map((name) => [`dist/images/${name}`, `leaflet/images/${name}`]),
  ],
  "@fontsource-variable/inter": [
    ["wght.css", "inter/index.css"],
    ["files/inter-latin-wght-normal.woff2", "inter/files/inter-latin-wght-normal.woff2"],
    ["files/inter-latin-ext-wght-normal.woff2", "inter/files/inter-latin-ext-wght-normal.woff2"],
    ["files/inter-greek-wght-normal.woff2", "inter/files/inter-greek-wght-normal.woff2"],
    ["files/inter-greek-ext-wght-normal.woff2", "inter/files/inter-greek-ext-wght-normal.woff2"],
    ["files/inter-cyrillic-wght-normal.woff2", "inter/files/inter-cyrillic-wght-normal.woff2"],
    ["files/inter-cyrillic-ext-wght-normal.woff2", "inter/files/inter-cyrillic-ext-wght-normal.woff2"],
    ["files/inter-vietnamese-wght-normal.woff2", "inter/files/inter-vietnamese-wght-normal.woff2"],
  ],
};

function fail(message) {
  console.error(message);
  process.exit(1);
}

if (!existsSync(modules)) fail("node_modules is missing: run npm ci --ignore-scripts first.");

// Built beside and moved into place, so that an interrupted build leaves the former one whole.
const staging = join(modules, ".sambruk-vendor");
rmSync(staging, { recursive: true, force: true });
const versions = {};
for (const [name, copies] of Object.entries(files)) {
  const source = join(modules, name);
  if (!existsSync(source)) fail(`${name} is missing from node_modules: run npm ci --ignore-scripts.`);
  versions[name] = JSON.parse(readFileSync(join(source, "package.json"), "utf8")).version;
  for (const [from, to] of copies) {
    mkdirSync(dirname(join(staging, to)), { recursive: true });
    cpSync(join(source, from), join(staging, to));
  }
  const licence = ["LICENSE", "LICENSE.md", "LICENSE.txt"].find((file) => existsSync(join(source, file)));
  if (licence) {
    mkdirSync(join(staging, "licences"), { recursive: true });
    cpSync(join(source, licence), join(staging, "licences", `${name.replace("/", "-")}.txt`));
  }
}
writeFileSync(join(staging, "versions.json"), `${JSON.stringify(versions, null, 2)}\n`);
mkdirSync(dirname(target), { recursive: true });
rmSync(target, { recursive: true, force: true });
renameSync(staging, target);
console.log(`${Object.keys(versions).length} packages copied to ${target.slice(root.length + 1)}`);
