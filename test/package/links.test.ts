/**
 * Links and paths in Markdown lead somewhere: recipes name files, and files move.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { manifest, root, walk } from '../../scripts/lib/project.mjs';

const isMarkdown = (path: string): boolean => path.endsWith('.md') && !path.startsWith('docs/api/');
const files = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...['docs', 'assembly', 'src', 'test'].flatMap((folder) => walk(folder, isMarkdown)),
];

/** A text without its fenced blocks. */
function prose(file: string): string {
  return readFileSync(join(root, file), 'utf8').replace(/^```.*?^```/gms, '');
}

/** The anchors of a file's headings, as GitHub makes them. */
function anchorsOf(file: string): string[] {
  return Array.from(prose(file).matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Whether a link from a file leads to a file, and to a heading of it. */
function leads(file: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? file : join(dirname(file), path);
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

it.each(files)('%s links to what is there', (file) => {
  const links = Array.from(
    prose(file).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g),
    ([, link, source]) => link ?? source ?? '',
  );
  const own = links.filter((link) => !/^[a-z]+:/.test(link));
  expect(own.filter((link) => !leads(file, link))).toEqual([]);
});

/** Whether the tarball holds a file, by package.json's `files`. */
function isShipped(path: string): boolean {
  return (manifest.files as string[]).some((pattern) => {
    const [folder = '', extension] = pattern.split('*');
    if (extension === undefined) return path === pattern || path.startsWith(`${pattern}/`);
    return path.startsWith(folder) && path.endsWith(extension) && !path.slice(folder.length).includes('/');
  });
}

it.each(files.filter(isShipped))('%s links to what the tarball holds', (file) => {
  const text = prose(file);
  const links = Array.from(
    text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g),
    ([, link, source]) => link ?? source ?? '',
  );
  const own = links.filter((link) => !/^[a-z]+:/.test(link) && !link.startsWith('#'));
  expect(own.filter((link) => !isShipped(join(dirname(file), link.split('#')[0] ?? '')))).toEqual([]);
});

/** Examples in docs/recipes.md, and what `npm run docs` writes. */
const isExempt = (path: string): boolean => /gelu|NAME|^docs\/api\//.test(path);

it.each(files.filter((file) => file !== 'CHANGELOG.md'))('%s names paths that are there', (file) => {
  const named = Array.from(
    prose(file).matchAll(/`((?:src|test|assembly|scripts|docs|bench|examples|api)\/[\w./-]*)`/g),
    ([, path = '']) => path,
  );
  expect(named.filter((path) => !isExempt(path) && !existsSync(join(root, path)))).toEqual([]);
});
