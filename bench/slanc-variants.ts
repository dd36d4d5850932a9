/**
 * The table of docs/slanc.md: every distinct variant of SLaNC on the embedded model, at four sizes of the residual
 * stream, every RMSNorm on fp16. Takes about two minutes.
 *
 *     npm run bench slanc-variants
 *
 * @module
 */
import type { Report } from 'bittrue/events';
import { byteTokens, loadModel, splitTokens } from 'bittrue/models';
import { embeddedModel, openFile, openModel } from 'bittrue/node';
import { checkModel, type ModelCheck } from 'bittrue/studies';
import { fp16 } from 'bittrue/targets';

const variants = [
  { name: '`frobenius`', variant: 'frobenius' },
  { name: '`frobenius`, powers of two', variant: 'frobenius', powerOfTwo: true },
  { name: '`frobeniusGate`', variant: 'frobeniusGate' },
  { name: '`dmx`, heads tiled', variant: 'dmx', gqa: 'tile' },
  { name: '`residual`', variant: 'residual' },
  { name: '`residual`, powers of two', variant: 'residual', powerOfTwo: true },
] as const;

const { config, checkpoint } = openModel(embeddedModel());
const model = loadModel(config, checkpoint);
const text = openFile(`${embeddedModel()}/validation.txt`);
const sequences = splitTokens(byteTokens(text.read(0, text.size)), model.config.context + 1);

/** A line of the table: one run of the model. */
function line(c: number, name: string, perplexity: number, reports: readonly Report[]): string {
  const sum = (kind: 'overflow' | 'underflow') => reports.reduce((n, { totals }) => n + totals[kind], 0);
  const overflowing = reports.filter(({ totals }) => totals.overflow > 0).length;
  const shares = reports.map(({ counts, rows, width }) => (100 * counts.square.underflow) / (rows * width));
  // Every norm squares as many numbers, so the mean of the shares is the share of all.
  const mean = shares.reduce((all, share) => all + share, 0) / shares.length;
  const squares = [mean, Math.max(...shares)].map((share) => `${share.toFixed(1)} %`);
  const cells = [c, name, perplexity.toFixed(4), sum('overflow'), overflowing, sum('underflow'), ...squares];
  return `| ${cells.join(' | ')} |`;
}

console.log('| c | factors | perplexity | overflows | norms | underflows | squares lost | in one norm |');
console.log('| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const residualScale of [1, 8, 64, 256]) {
  let plain: ModelCheck | undefined;
  for (const { name, ...options } of variants) {
    const check = checkModel(model, sequences, { target: fp16, residualScale, reference: false, ...options });
    if (plain === undefined) {
      plain = check;
      const reports = check.norms.map((norm) => norm.plain.report);
      console.log(line(residualScale, 'none', check.plain.perplexity, reports));
    }
    const reports = check.norms.flatMap(({ scaled }) => (scaled ? [scaled.report] : []));
    console.log(line(residualScale, name, check.scaled?.perplexity ?? Number.NaN, reports));
  }
}
