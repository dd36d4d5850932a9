import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { root, site } from '../scripts/place.mjs';
import { PLACEHOLDER, relocate } from '../scripts/relocate.mjs';

const pages = join(site, '.pages');

/** A page's entry in the side bar, called by its heading. */
function entry(name) {
  const heading = /^# (.*)$/m.exec(readFileSync(join(pages, `${name}.md`), 'utf8'))?.[1] ?? name;
  return { text: heading.replaceAll('`', ''), link: `/${name}` };
}

const isThere = new Set(readdirSync(pages));
// Groups that fold would be buttons within buttons in the theme.
const group = (text, names) => ({ text, items: names.filter((name) => isThere.has(`${name}.md`)).map(entry) });

const playground = ['number', 'two', 'steps', 'kernel', 'accumulator'].filter((name) =>
  readdirSync(pages).includes(`${name}.md`),
);
const guides = [
  'getting-started',
  'check',
  'your-model',
  'simulate',
  'captured-activations',
  'your-chip-json',
  'your-chip',
];
const methods = ['quantization', 'slanc', 'accumulators', 'attention', 'functions', 'communication', 'experiments'];
const lists = readdirSync(pages)
  .filter((name) => /^list-/.test(name))
  .map((name) => name.slice(0, -3));
const data = ['formats', 'targets', 'profiles', ...lists];
const cookbook = ['post-mortems', 'headroom', 'testing-your-quantizer', 'limits'];
const house = [
  'verification',
  'performance',
  'reliability',
  'support',
  'architecture',
  'recipes',
  'schemas',
  'mutants',
  'migration',
  'glossary',
  'contributing',
  'changelog',
];
const api = readdirSync(pages)
  .filter((name) => /^api-(?!.*namespaces)/.test(name))
  .map((name) => name.slice(0, -3));

const subPath = (name) => (name === 'api-index' ? 'bittrue' : `bittrue/${name.slice(4).replaceAll('-', '/')}`);

const sections = [
  group('Playground', playground),
  group('Guides', guides),
  group('Methods', methods),
  group('Numbers and chips', data),
  group('Cookbook', cookbook),
  group('The house', house),
];
const library = {
  text: 'API',
  items: ['api-index', ...api.filter((name) => name !== 'api-index')].map((name) => ({
    text: subPath(name),
    link: `/${name}`,
  })),
};

/**
 * The playground is drawn in browsers alone: on the server its pages are empty, and the library is bundled once. What runs in the
 * page's own thread asks for no others, so that those are not bundled either.
 */
const browserOnly = {
  name: 'browser only',
  enforce: 'pre',
  resolveId: (id, _, { ssr }) => (ssr && /playground\/\w+\/Page\.vue$/.test(id) ? '\0empty' : undefined),
  transform: (code, id) =>
    id.endsWith('/dist/engine/engine.js') ? code.replaceAll(/new URL\([^)]*import\.meta\.url\)/g, "''") : undefined,
  load: (id) => (id === '\0empty' ? 'export default {}' : undefined),
};

/** The key on the theme's search button is drawn by the style, since it is no part of the button's name. */
const namedSearch = {
  name: 'named search',
  enforce: 'pre',
  transform: (code, id) => {
    if (!id.endsWith('/VPNavBarSearchButton.vue')) return undefined;
    const key = '<kbd class="DocSearch-Button-Key">K</kbd>';
    if (!code.includes(key)) throw new Error('the search button of the theme has no K any more');
    return code.replace(key, '<kbd class="DocSearch-Button-Key key-k"></kbd>');
  },
};

export default defineConfig({
  title: 'bittrue',
  description:
    'Neural-network kernels in software-emulated low-precision arithmetic, bit for bit as the hardware does.',
  base: PLACEHOLDER,
  srcDir: '.pages',
  outDir: '.vitepress/dist',
  cleanUrls: false,
  ignoreDeadLinks: process.env.SITE_QUICK !== undefined,
  appearance: true,
  head: [
    [
      'link',
      {
        rel: 'icon',
        href: 'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"%3E%3Cpath fill="%230b5cad" d="M1 1h2v6H1zM5 1h2v6H5z"/%3E%3C/svg%3E',
      },
    ],
  ],
  // A link of a state of the playground is no heading.
  router: { prefetchLinks: false },
  markdown: {
    html: false,
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (md) => {
      // Text of guides is text, whatever Vue would make of its braces.
      const { text } = md.renderer.rules;
      // Every page is rendered for the reader and for the search: colours are given once.
      const { highlight } = md.options;
      const coloured = new Map();
      md.options.highlight = (...given) => {
        const key = given.join('\0');
        if (!coloured.has(key)) coloured.set(key, highlight(...given));
        return coloured.get(key);
      };
      md.renderer.rules.text = (...given) => text(...given).replaceAll('{{', '&#123;&#123;');
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Guide', link: '/getting-started' },
      { text: 'Playground', link: '/number', activeMatch: `^/(${playground.join('|')})(\\.|$)` },
      { text: 'API', link: '/api-index', activeMatch: '^/api-' },
    ],
    // Of the API its own pages stand first.
    sidebar: { '/api-': [library, ...sections], '/': [...sections, library] },
    socialLinks: [],
    docFooter: { prev: false, next: false },
  },
  vite: {
    plugins: [browserOnly, namedSearch],
    resolve: {
      alias: [
        { find: /^bittrue$/, replacement: join(root, 'dist/index.js') },
        { find: /^bittrue\/(.*)$/, replacement: join(root, 'dist/$1/index.js') },
      ],
    },
    // Engines need top-level await nowhere; the browsers that run WebAssembly lanes are all of them newer than this.
    build: { target: 'es2022', chunkSizeWarningLimit: 4000, reportCompressedSize: false },
    server: { fs: { allow: [root] } },
  },
  buildEnd: ({ outDir }) => relocate(outDir),
});
