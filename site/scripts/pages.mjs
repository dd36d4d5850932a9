/**
 * Gathers the pages: the guides of docs/ as they are, pages of the library's data, the API, and the site's own. All lie in one folder,
 * so that every link of the built site is relative and it works from wherever it stands.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockCatalogue, catalogue, codebookCatalogue } from '../../dist/formats/index.js';
import { targets } from '../../dist/targets/index.js';
import { dataPages } from './dataPages.mjs';
import { root, site } from './place.mjs';
import { bundleThreads } from './threads.mjs';

const out = join(site, '.pages');
const repository = 'https://github.com/bittrue/bittrue/blob/main/';

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const put = (name, text) => writeFileSync(join(out, name), text);

/** Names of pages by their path in the repository. */
const guides = new Map(
  readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => [`docs/${name}`, name]),
);
guides.set('CONTRIBUTING.md', 'contributing.md').set('CHANGELOG.md', 'changelog.md');

// `--quick`: the playground alone, while one works on it.
const isQuick = process.argv.includes('--quick');
if (!isQuick)
  for (const [path, name] of guides) put(name, linked(guide(readFileSync(join(root, path), 'utf8'), path), path));
cpSync(join(root, 'docs/pictures'), join(out, 'pictures'), { recursive: true });
if (!isQuick) {
  const { pages, pictures } = dataPages();
  for (const [name, text] of pages) put(name, text);
  for (const [name, svg] of pictures) put(join('pictures', name), svg);
}
for (const name of readdirSync(join(site, 'pages')))
  cpSync(join(site, 'pages', name), join(out, name), { recursive: true });
await bundleThreads(join(out, 'public/threads'));
if (!isQuick) api();

/** In the tables of formats and targets a name leads to its page. */
function linked(text, path) {
  if (path === 'docs/formats.md')
    return text.replace(/^\| `(\w+)` \|/gm, (whole, name) =>
      name in catalogue || name in codebookCatalogue
        ? `| [\`${name}\`](./format-${name}.md) |`
        : name in blockCatalogue
          ? `| [\`${name}\`](./block-${name}.md) |`
          : whole,
    );
  return path === 'docs/targets.md'
    ? text.replace(/^### (\w+)$/gm, (whole, name) =>
        name in targets ? `${whole}\n\n[Its page](./target-${name}.md)` : whole,
      )
    : text;
}

/** A guide without its comments, whose links lead to pages, or to the repository where there is no page. */
function guide(text, path) {
  const folder = path.includes('/') ? 'docs/' : '';
  return text
    .replace(/^<!--[\s\S]*?-->\n+/gm, '')
    .replace(/<img alt="([^"]*)" src="([^"]*)"[^>]*>/g, (_, alt, source) => `![${alt}](./${source})`)
    .replace(/\]\(([^)#\s]+)(#[^)]*)?\)/g, (whole, link, anchor = '') => {
      if (/^[a-z]+:/.test(link) || link.startsWith('./pictures/')) return whole;
      const target = new URL(link, `file:///${folder}`).pathname.slice(1);
      const page = guides.get(target);
      if (page !== undefined) return `](./${page}${anchor})`;
      if (!existsSync(join(root, target))) throw new Error(`${path}: no ${target}`);
      return `](${repository}${target}${anchor})`;
    });
}

/** One page a sub-path of the package, from the declarations that it ships. */
function api() {
  const folder = join(out, '.api');
  const options = ['--options', join(site, 'typedoc.json'), '--out', folder];
  const { status } = spawnSync('node', [join(root, 'node_modules/typedoc/bin/typedoc'), ...options], {
    cwd: site,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('typedoc failed');
  const paths = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.md'));
  const nameOf = (path) =>
    `api-${path
      .replace(/\.md$/, '')
      .replace(/(^|\/)(README|index)$/, (_, slash) => (slash ? '' : 'root'))
      .replaceAll('/', '-')}.md`;
  for (const path of paths) {
    if (path === 'README.md') continue;
    const text = readFileSync(join(folder, path), 'utf8').replace(
      /\]\(([^)#\s:]+\.md)(#[^)]*)?\)/g,
      (whole, link, anchor = '') => {
        const target = new URL(link, `file:///${path}`).pathname.slice(1);
        return paths.includes(target) ? `](./${nameOf(target)}${anchor})` : whole;
      },
    );
    // Signatures without colours: those would take half of the build.
    const plain = headed(text, path).replace(/^```(ts|typescript)$/gm, '```txt');
    put(nameOf(path), `---\noutline: [2, 3]\n---\n\n${plain}`);
  }
  rmSync(folder, { recursive: true });
}

/** A page of the API under the name that one imports, without anchors, which pages cannot hold, and links to them. */
function headed(text, path) {
  const anchors = [...text.matchAll(/<a id="([^"]*)"><\/a>/g)].map(([, id]) => id);
  const heading = (whole, own) =>
    path.includes('namespaces') ? whole : `# bittrue${own === 'index' ? '' : `/${own}`}`;
  return text
    .replace(/^# (.*)$/m, heading)
    .replace(/<a id="[^"]*"><\/a> ?/g, '')
    .replace(/\[([^\]]*)\]\(#([^)]*)\)/g, (whole, words, id) => (anchors.includes(id) ? words : whole));
}
