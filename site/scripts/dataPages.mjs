/**
 * Pages of the library's data, beside those of docs/: kernels, formats, targets. Written anew with every build.
 *
 * @module
 */
import { blockCatalogue, catalogue, codebookCatalogue } from '../../dist/formats/index.js';
import { targets } from '../../dist/targets/index.js';
import { formatPages } from './formatPages.mjs';
import { kernelPages } from './kernelPages.mjs';
import { targetPages } from './targetPages.mjs';

const links = (names, kind) => names.map((name) => `[${name}](./${kind}-${name}.md)`).join(', ');

/** Every format and every target by a link. */
function lists() {
  const vendors = new Map();
  for (const { name, vendor } of Object.values(targets)) {
    const title = vendor || 'Machines of no vendor';
    vendors.set(title, [...(vendors.get(title) ?? []), name]);
  }
  const parts = [...vendors].map(([vendor, names]) => `## ${vendor}\n\n${links(names.sort(), 'target')}`);
  return [
    [
      'list-formats.md',
      `# Formats, one by one\n\nParameters, every code of the small ones, who reads and writes them, sources. All in one table: [formats](./formats.md).\n\n` +
        `## Numbers\n\n${links(Object.keys(catalogue), 'format')}\n\n## Lists of values\n\n${links(Object.keys(codebookCatalogue), 'format')}\n\n` +
        `## Blocks that share a scale\n\n${links(Object.keys(blockCatalogue), 'block')}\n`,
    ],
    [
      'list-targets.md',
      `# Targets, one by one\n\nWhat each unit computes, how that is known, and its source. All in one list: [targets](./targets.md).\n\n${parts.join('\n\n')}\n`,
    ],
  ];
}

/** Names and texts of pages, and of the pictures on them. */
export function dataPages() {
  const [formats, kernels] = [formatPages(), kernelPages()];
  return {
    pages: [...kernels.pages, ...formats.pages, ...targetPages(), ...lists()],
    pictures: new Map([...formats.pictures, ...kernels.pictures]),
  };
}
