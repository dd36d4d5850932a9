/**
 * Attention that overflows in FP16, where, and three cures: smaller queries, a wider accumulator, a maximum moved by ln 8.
 *
 *     npm run example attention-overflow
 */
import { attention } from 'bittrue/kernels';
import { formatReport } from 'bittrue/reports';

// Forty times forty, 64 times over, is 102,400: beyond binary16.
const forty = new Float64Array(64).fill(40);
const one = { heads: 1, queries: 1, keys: 1, width: 64 } as const;
const lost = attention(forty, forty, forty, { ...one, target: 'fp16' });
console.log(formatReport(lost.report).split('\n').slice(0, 6).join('\n'));

const say = (what: string, { output, report }: typeof lost): void => {
  const { overflow } = report.first;
  console.log(
    `${what}: ${output[0]}${overflow === undefined ? '' : `, overflow in ${overflow.stage} at step ${overflow.step}`}`,
  );
};
console.log('\nScores');
say('as it is', lost);
say(
  '1: queries over 8, the scale before the product',
  attention(
    forty.map((x) => x / 8),
    forty,
    forty,
    { ...one, target: 'fp16', scale: 1 },
  ),
);
say(
  '2: sums and scores in binary32',
  attention(forty, forty, forty, { ...one, target: 'h100:f16', vectorUnit: 'vectorF32' }),
);
say(
  '   sums in binary32 alone',
  attention(forty, forty, forty, { ...one, target: 'h100:f16', vectorUnit: 'vectorF16' }),
);

// 64 equal shares of 2,000 are 128,000 before they are divided.
console.log('\nThe second product, in tiles');
const [keys, values] = [new Float64Array(64), new Float64Array(64).fill(2000)];
const flash = {
  heads: 1,
  queries: 1,
  keys: 64,
  width: 1,
  target: 'fp16',
  method: { kind: 'flash', tile: 64 },
} as const;
say('as it is', attention([0], keys, values, flash));
say('3: the maximum moved by ln 8', attention([0], keys, values, { ...flash, maximumOffset: Math.log(8) }));
