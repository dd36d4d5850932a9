/**
 * The tables of docs/formats.md and docs/targets.md are those that `npm run guides` writes.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { between, blocksTable, formatsTable, targetsTable } from '../../scripts/lib/guides.mjs';
import { reductionText } from '../../src/accumulators/describe.ts';
import * as formats from '../../src/formats/index.ts';
import * as sources from '../../src/formats/sources.ts';
import { accumulatorText } from '../../src/reports/index.ts';
import * as lists from '../../src/reports/text/formats.ts';
import { decode } from '../../src/rounding/index.ts';
import { targets } from '../../src/targets/index.ts';

const library = { ...formats, ...sources, ...lists, accumulatorText, decode, reductionText, targets };

it.each([
  ['docs/formats.md', 'formats', formatsTable(library)],
  ['docs/formats.md', 'blocks', blocksTable(library)],
  ['docs/targets.md', 'targets', targetsTable(library)],
])('%s has the present table of %s (else: npm run guides)', (file, name, table) => {
  const text = readFileSync(file, 'utf8');
  expect(text).toBe(between(text, name, table));
});

it('tells every format and every unit', () => {
  const [all, chips] = ['docs/formats.md', 'docs/targets.md'].map((file) => readFileSync(file, 'utf8'));
  for (const name of [...Object.keys(formats.catalogue), ...Object.keys(formats.blockCatalogue)]) {
    expect(all).toContain(`| \`${name}\` |`);
  }
  expect(Object.keys(sources.formatSources).sort()).toEqual(Object.keys(formats.catalogue).sort());
  expect(Object.keys(sources.blockSources).sort()).toEqual(Object.keys(formats.blockCatalogue).sort());
  for (const { name, sameAs, matrixUnits } of Object.values(targets)) {
    expect(chips).toContain(name);
    if (sameAs === undefined) for (const unit of Object.keys(matrixUnits)) expect(chips).toContain(`| \`${unit}\` |`);
  }
});
