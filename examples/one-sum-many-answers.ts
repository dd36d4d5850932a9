/**
 * One sum, many answers: 2^23 − 2^23 − 0.5 − 0.25 − 0.125 on the matrix units of eight chips (Table 8 of MMA-Sim 2,
 * arXiv 2511.10909), each by the unit's own alignment, order and rounding. In real numbers it is −0.875.
 *
 *     npm run example one-sum-many-answers
 */
import { bfloat16, binary16, e5m2, e5m2fnuz } from 'bittrue/formats';
import { dot } from 'bittrue/kernels';
import { a100, ada, b200, h100, mi100, mi250, mi300, v100 } from 'bittrue/targets';

const chips = [
  [v100, 'f16', binary16],
  [a100, 'f16', binary16],
  [h100, 'f16', binary16],
  [ada, 'fp8', e5m2],
  [h100, 'fp8Wgmma', e5m2],
  [b200, 'fp8', e5m2],
  [mi300, 'f16', binary16],
  [mi300, 'fp8', e5m2fnuz],
  [mi250, 'bf16', bfloat16],
  [mi250, 'f16', binary16],
  [mi100, 'f16', binary16],
] as const;

const a = [-(2 ** 13), -0.5, -0.25, -0.125];
const b = [2 ** 10, 1, 1, 1];
const c = [2 ** 23];
for (const [target, unit, format] of chips) {
  const { output, report } = dot(a, b, { rows: 1, width: 4, target, unit, c, a: format, b: format });
  const lost = report.totals.absorption;
  const name = `${target.name} ${unit}`;
  console.log(
    `${name.padEnd(14)} ${String(output[0]).padStart(6)}${lost === 0 ? '' : `  ${lost} ${lost === 1 ? 'term' : 'terms'} lost entirely`}`,
  );
}
