/**
 * Makes a built site work from any folder of any static server. VitePress writes one absolute base everywhere; here it is a placeholder,
 * and becomes `./` in pages and styles, and in scripts the folder that the page was loaded from, or that a worker's own file tells. All
 * pages lie in one folder.
 *
 * @module
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const PLACEHOLDER = '/bittrue-base/';

const start = `<script>__BASE=new URL('./',location.href).pathname</script>`;

export function relocate(folder) {
  for (const name of readdirSync(folder, { recursive: true }).map(String)) {
    if (!/\.(html|js|css)$/.test(name)) continue;
    const file = join(folder, name);
    const text = readFileSync(file, 'utf8');
    const made = name.endsWith('.html') ? page(text) : name.endsWith('.css') ? style(text) : script(text, name);
    if (made.includes(PLACEHOLDER)) throw new Error(`${name} still names the base`);
    writeFileSync(file, made);
  }
}

/** What inline scripts name stands in a literal between double quotes. */
function page(text) {
  const head = text.indexOf('<head>') + '<head>'.length;
  const parts = text.slice(head).split(/(<script>[\s\S]*?<\/script>)/);
  const rest = parts.map((part) => part.replaceAll(PLACEHOLDER, part.startsWith('<script>') ? '"+__BASE+"' : './'));
  return text.slice(0, head) + start + rest.join('');
}

/** Styles lie in `assets/`, or beside the pages. */
function style(text) {
  return text.replaceAll(`${PLACEHOLDER}assets/`, './').replaceAll(PLACEHOLDER, '../');
}

/** Every literal that starts with the placeholder; in the search index, which is one literal, wherever it stands. */
function script(text, name) {
  if (!text.includes(PLACEHOLDER)) return text;
  const index = /=\s*(['"`])\{\\?"documentCount/.exec(text);
  const made =
    index === null
      ? text.replace(/(["'`])\/bittrue-base\//g, (_, quote) => ` __BASE+${quote}`)
      : text.replaceAll(PLACEHOLDER, `${index[1]}+__BASE+${index[1]}`);
  // A worker has no page that says where it is.
  const up = '../'.repeat(name.split('/').length - 1);
  return `globalThis.__BASE??=new URL("${up}",import.meta.url).pathname;${made}`;
}
