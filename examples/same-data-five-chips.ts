/**
 * Same data, five chips: one FP8 dot product of 32 terms and an addend, five bit patterns, and why.
 *
 *     npm run example same-data-five-chips
 */
import { decode, encode } from 'bittrue';
import { binary32, e4m3fn, e4m3fnuz } from 'bittrue/formats';
import { dot } from 'bittrue/kernels';
import { ada, b200, h100, mi300 } from 'bittrue/targets';

const a = [
  -0.15625, -1.875, 0.8125, -11, 80, 120, -0.01953125, -0.1875, 96, 0.46875, 3.25, 0.021484375, -0.025390625,
  -0.0546875, 0.40625, 0.203125, -14, 0.029296875, 15, -5, 0.0625, 13, 0.017578125, -0.03515625, -44, 1.75, 52, 1.5,
  0.078125, 104, 4.5, 0.017578125,
];
const b = [
  9, 0.375, 22, 120, 0.5, 0.09375, 15, 32, 0.05078125, 22, 18, 4, 0.017578125, 0.5, 24, 1.5, 24, 0.203125, 0.1875, 14,
  0.140625, 0.5625, 0.02734375, 0.9375, 0.5, 104, 7.5, 48, 96, 0.03125, 13, 6.5,
];
const c = decode(binary32, 0xbe6e9a80);

const chips = [
  [ada, 'fp8', e4m3fn, 'two blocks of 16, 13 bits kept of every term, the addend among them; result cut to 14 bits'],
  [h100, 'fp8Wgmma', e4m3fn, 'one block of 32, so that small terms meet one large exponent; again 13 bits, cut to 14'],
  [h100, 'fp8Mma', e4m3fn, 'converted to f16: two sums of 16 with 25 bits, cut; the addend comes last, to nearest'],
  [b200, 'fp8', e4m3fn, 'one block of 32 with 25 bits, the addend among its terms; result cut toward zero'],
  [
    mi300,
    'fp8',
    e4m3fnuz,
    'two blocks of 16 with 24 bits, odd and even apart, floored when the addend joins; to nearest',
  ],
] as const;

const exact = a.reduce((sum, x, k) => sum + x * (b[k] as number), c);
console.log(`${a.length} products and ${c}: ${exact} exactly\n`);
for (const [target, unit, format, why] of chips) {
  const { output, report } = dot(a, b, { rows: 1, width: a.length, target, unit, a: format, b: format, c: [c] });
  const result = output[0] as number;
  const code = encode(binary32, result).toString(16).padStart(8, '0');
  const { absorption } = report.counts.accumulate;
  console.log(`${`${target.name} ${unit}`.padEnd(14)} ${code}  ${result}`);
  console.log(`  ${why}; ${absorption} terms lost entirely`);
}
