/**
 * The pictures of README.md, docs/accumulators.md and docs/communication.md are what `npm run pictures` draws, and small.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { accumulatorPictures } from '../../scripts/lib/accumulatorPictures.mjs';
import { communicationPictures } from '../../scripts/lib/communicationPictures.mjs';
import { answers, draw, exact } from '../../scripts/lib/oneSum.mjs';
import { walk } from '../../scripts/lib/project.mjs';
import * as collectives from '../../src/collectives/index.ts';
import { nvfp4, parseFormat } from '../../src/formats/index.ts';
import { dot } from '../../src/kernels/index.ts';
import { plotSvg, sweepPlots } from '../../src/reports/index.ts';
import { defineSweep, runCell } from '../../src/sweeps/index.ts';
import { targets } from '../../src/targets/index.ts';

describe('one sum, many answers', () => {
  const values = answers({ dot, targets, parseFormat });

  it('is Table 8 of MMA-Sim 2', () => {
    expect(values).toEqual([0, -0.5, -0.75, 0, -0.75, -0.5, -1, -0.375, 0]);
    expect(exact).toBe(-0.875);
  });

  it.each(['light', 'dark'] as const)('is drawn, %s', (look) => {
    expect(readFileSync(`docs/pictures/one-sum-${look}.svg`, 'utf8')).toBe(draw(values, look));
  });
});

it('draws how narrow an accumulator may be', () => {
  for (const [name, svg] of Object.entries(accumulatorPictures({ defineSweep, runCell, sweepPlots, plotSvg }))) {
    expect(readFileSync(`docs/pictures/${name}`, 'utf8')).toBe(`${svg}\n`);
  }
});

it('draws what outliers cost each codec', () => {
  for (const [name, svg] of Object.entries(communicationPictures({ ...collectives, plotSvg, nvfp4 }))) {
    expect(readFileSync(`docs/pictures/${name}`, 'utf8')).toBe(`${svg}\n`);
  }
});

it('pictures take at most 150 kB', () => {
  const sizes = walk('docs/pictures').map((path) => readFileSync(path).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(150_000);
});
