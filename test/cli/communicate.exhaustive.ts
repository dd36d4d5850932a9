/** Outside CI: `bittrue communicate` gives the figures of docs/communication.md, from the texts of the embedded model whole. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bittrue } from './helpers.ts';

it('calibrates as docs/communication.md: the table’s figures', () => {
  const rows = readFileSync('docs/communication.md', 'utf8').split('\n');
  const start = rows.findIndex((row) => row.startsWith('| as it is | 2 |'));
  const cells = (codec: string) =>
    rows
      .slice(start, start + 4)
      .find((row) => row.includes(`| ${codec} |`))
      ?.split('|')
      .map((cell) => cell.trim()) ?? [];
  const options = ['--cancelling', 'none', '--devices', '2', '--codec', 'int4,hybrid', '--json'];
  const { runs, calibrationSequences } = JSON.parse(bittrue('communicate', ...options).out).studies[0];
  expect(calibrationSequences).toBe(32);
  for (const [i, codec] of ['all-INT4', 'hybrid'].entries()) {
    const { error, meanRelativeError, perplexity } = runs[i];
    const [, , , , rmse, relative, , found] = cells(codec);
    const figures = [error.rmse.toFixed(4), meanRelativeError.toFixed(4), perplexity.toFixed(3)];
    expect(figures).toEqual([rmse, relative, found]);
  }
});
