// Bundles the page into ../bundle: one script, one style sheet, one HTML file, no network.
import { build } from "esbuild";
import { copyFile, mkdir } from "node:fs/promises";

const bundle = "../bundle";

await mkdir(bundle, { recursive: true });
await build({
  entryPoints: { console: "src/main.jsx" },
  outdir: bundle,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "eof", // React's licence goes where React goes
  logLevel: "warning",
});
await copyFile("src/index.html", `${bundle}/index.html`);
