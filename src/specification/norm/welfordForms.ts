/**
 * Forms of Welford's update as textbooks and public kernels have them.
 *
 * @module
 */
import { usualWelford, type WelfordForm, type WelfordStep, welfordForm } from './welford.ts';

const byDivision: readonly WelfordStep[] = /* @__PURE__ */ usualWelford.update.map((step) =>
  step[0] === 'part' ? ['part', 'divide', 'delta', 'n'] : step,
);
/** (n_a·m_a + n_b·m_b)·(1/n), M2 as Chan's. */
const weighted: readonly WelfordStep[] = /* @__PURE__ */ (() => [
  ['delta', 'subtract', 'meanB', 'meanA'],
  ['share', 'divide', 1, 'n'],
  ['a', 'multiply', 'nA', 'meanA'],
  ['b', 'multiply', 'nB', 'meanB'],
  ['sum', 'add', 'a', 'b'],
  ['mean', 'multiply', 'sum', 'share'],
  ...usualWelford.merge.slice(4),
])() as WelfordStep[];
/** Shares n_a / n and n_b / n by one reciprocal, of the lane itself (A) and the one it reads (B). */
const sharesByReciprocal: readonly WelfordStep[] = [
  ['delta', 'subtract', 'meanA', 'meanB'],
  ['share', 'divide', 1, 'n'],
  ['shareB', 'multiply', 'nB', 'share'],
  ['shareA', 'multiply', 'nA', 'share'],
  ['b', 'multiply', 'shareB', 'meanB'],
  ['a', 'multiply', 'shareA', 'meanA'],
  ['mean', 'add', 'b', 'a'],
  ['m2', 'add', 'm2B', 'm2A'],
  ['square', 'multiply', 'delta', 'delta'],
  ['square', 'multiply', 'square', 'nB'],
  ['square', 'multiply', 'square', 'shareA'],
  ['m2', 'add', 'm2', 'square'],
];
/** The same by two divisions. */
const sharesByDivision: readonly WelfordStep[] = [
  ['delta', 'subtract', 'meanB', 'meanA'],
  ['shareA', 'divide', 'nA', 'n'],
  ['shareB', 'divide', 'nB', 'n'],
  ['a', 'multiply', 'shareA', 'meanA'],
  ['b', 'multiply', 'shareB', 'meanB'],
  ['mean', 'add', 'a', 'b'],
  ['m2', 'add', 'm2A', 'm2B'],
  ['square', 'multiply', 'delta', 'delta'],
  ['square', 'multiply', 'square', 'shareA'],
  ['square', 'multiply', 'square', 'shareB'],
  ['square', 'multiply', 'square', 'n'],
  ['m2', 'add', 'm2', 'square'],
];

/**
 * Forms of Welford's update. `chan`, the default, and `weighted` take the reciprocal of the count; `chanByDivision` divides.
 * `pytorchCuda` and `apex` are those of the two kernels, as written: their compiler may contract a product and a sum.
 *
 * @example
 * import { welfordForms } from 'bittrue/kernels';
 * welfordForms.chan.update.length; // 6
 */
export const welfordForms: Readonly<
  Record<'chan' | 'chanByDivision' | 'weighted' | 'pytorchCuda' | 'apex', WelfordForm>
> = /* @__PURE__ */ Object.freeze({
  chan: usualWelford,
  chanByDivision: /* @__PURE__ */ welfordForm(byDivision, usualWelford.merge, 'skip'),
  weighted: /* @__PURE__ */ welfordForm(usualWelford.update, weighted, 'skip'),
  pytorchCuda: /* @__PURE__ */ welfordForm(usualWelford.update, sharesByReciprocal, 'merge'),
  apex: /* @__PURE__ */ welfordForm(byDivision, sharesByDivision, 'merge'),
});
