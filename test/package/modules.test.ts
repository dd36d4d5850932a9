/**
 * The page of every module has words of its own, and names what is there; guides stand beside them.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { entryPoints, walk } from '../../scripts/lib/project.mjs';

/** The comment that a room's page opens with. */
function textOf(source: string): string {
  const comment = /^\/\*\*\n(.*?)\*\//s.exec(readFileSync(source, 'utf8'))?.[1] ?? '';
  return comment.replaceAll(/^ \* ?/gm, '').trim();
}

/** The modules that typedoc's entry points make pages of. */
const pages = entryPoints().filter(({ source }) => /^src\/(\w+\/)?index\.ts$/.test(source));

it.each(pages)('$specifier says what it is for, by names that it exports', async ({ source, file }) => {
  const text = textOf(source);
  expect(text).toMatch(/\n\n@module$/);
  const [head = '', body = ''] = text.split('\n\n');
  expect(head.length).toBeGreaterThan(20);
  expect(body.length).toBeGreaterThan(80);
  const exported = Object.keys(await import(`../../${file}`));
  const words = Array.from(`${head}\n${body}`.matchAll(/`(\w+)`/g), ([, word = '']) => word);
  // Names of options, and of another room where the sentence says which, are none of its exports.
  const foreign = [
    'options',
    'target',
    'record',
    'reference',
    'flags',
    'codes',
    'schema',
    'on',
    'proved',
    'typical',
    'sum',
    'openFile',
  ];
  expect(words.filter((word) => !exported.includes(word) && !foreign.includes(word))).toEqual([]);
});

it('typedoc shows every guide in the side bar', () => {
  const { projectDocuments } = JSON.parse(readFileSync('typedoc.json', 'utf8'));
  const guides = walk('docs', (path) => path.endsWith('.md') && !path.startsWith('docs/api/'));
  expect([...projectDocuments].sort()).toEqual(guides.sort());
});
