/**
 * Functions as public kernels write them.
 *
 * @module
 */
import { checkPositive } from '../../errors/index.ts';
import { flashAttentionExp2 } from '../softmax/method.ts';
import type { Composition, CompositionStep } from './composition.ts';

type Step = readonly [to: string, operation: CompositionStep['operation'], ...operands: (string | number)[]];

function composition(...steps: readonly Step[]): Composition {
  return Object.freeze({
    kind: 'composition',
    steps: Object.freeze(
      steps.map(([to, operation, ...operands]) => Object.freeze({ to, operation, operands: Object.freeze(operands) })),
    ),
  });
}

/** SiLU as x · (1 / (1 + e^−x)): the reciprocal is rounded before it gates, as where a sigmoid is a node of its own. */
export const siluByReciprocal: Composition = /* @__PURE__ */ composition(
  ['minus', 'negate', 'x'],
  ['e', 'exp', 'minus'],
  ['sum', 'add', 1, 'e'],
  ['gate', 'divide', 1, 'sum'],
  ['y', 'multiply', 'x', 'gate'],
);

/** SiLU as x / (1 + e^−x) (source: PyTorch, `ActivationSiluKernel.cu`, which computes so in binary32). */
export const siluByDivision: Composition = /* @__PURE__ */ composition(
  ['minus', 'negate', 'x'],
  ['e', 'exp', 'minus'],
  ['sum', 'add', 1, 'e'],
  ['y', 'divide', 'x', 'sum'],
);

/** tanh as (e^x − e^−x) / (e^x + e^−x): ∞ / ∞ where e^x overflows. */
export const tanhByExponentials: Composition = /* @__PURE__ */ composition(
  ['up', 'exp', 'x'],
  ['minus', 'negate', 'x'],
  ['down', 'exp', 'minus'],
  ['difference', 'subtract', 'up', 'down'],
  ['sum', 'add', 'up', 'down'],
  ['y', 'divide', 'difference', 'sum'],
);

/** A soft cap as cap · tanh(x / cap), where tanh is rounded once: finite for every x. */
export function softcapByTanh(cap: number): Composition {
  checkPositive('cap', cap);
  return composition(['t', 'divide', 'x', cap], ['u', 'tanh', 't'], ['y', 'multiply', cap, 'u']);
}

/** The same with tanh by exponentials, as kernels write it that have none: NaN from where e^(x / cap) overflows. */
export function softcapByExponentials(cap: number): Composition {
  checkPositive('cap', cap);
  return composition(
    ['t', 'divide', 'x', cap],
    ['up', 'exp', 't'],
    ['minus', 'negate', 't'],
    ['down', 'exp', 'minus'],
    ['difference', 'subtract', 'up', 'down'],
    ['sum', 'add', 'up', 'down'],
    ['u', 'divide', 'difference', 'sum'],
    ['y', 'multiply', cap, 'u'],
  );
}

/** GELU as 0.5 · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) (source: PyTorch, `ActivationGeluKernel.cu`, in binary32). */
export const geluByTanh: Composition = /* @__PURE__ */ composition(
  ['square', 'multiply', 'x', 'x'],
  ['cube', 'multiply', 'square', 'x'],
  ['cubic', 'multiply', 0.044715, 'cube'],
  ['sum', 'add', 'x', 'cubic'],
  ['inner', 'multiply', 0.7978845608028654, 'sum'],
  ['t', 'tanh', 'inner'],
  ['gate', 'add', 1, 't'],
  ['half', 'multiply', 0.5, 'x'],
  ['y', 'multiply', 'half', 'gate'],
);

/** GELU as x · 0.5 · (1 + erf(x · √½)) (source: PyTorch, `ActivationGeluKernel.cu`, in binary32). */
export const geluByErf: Composition = /* @__PURE__ */ composition(
  ['scaled', 'multiply', 'x', Math.SQRT1_2],
  ['e', 'erf', 'scaled'],
  ['gate', 'add', 1, 'e'],
  ['half', 'multiply', 'x', 0.5],
  ['y', 'multiply', 'half', 'gate'],
);

/**
 * 2^x by FlashAttention-4's cubic, which it evaluates on FMA units where the exponential unit is short: from −127 on, 2^⌊x⌋
 * times the polynomial of the rest (source: `flash_attn/cute/utils.py`, POLY_EX2). The last step here is an exact scaling; the
 * kernel adds ⌊x⌋ to the exponent field, which is the same for normal results.
 */
export const exp2ByCubic: Composition = /* @__PURE__ */ cubic(flashAttentionExp2.coefficients);

function cubic([c0 = 0, c1 = 0, c2 = 0, c3 = 0]: readonly number[]): Composition {
  return composition(
    ['t', 'maximum', 'x', -127],
    ['n', 'floor', 't'],
    ['f', 'subtract', 't', 'n'],
    ['p2', 'fusedMultiplyAdd', c3, 'f', c2],
    ['p1', 'fusedMultiplyAdd', 'p2', 'f', c1],
    ['p0', 'fusedMultiplyAdd', 'p1', 'f', c0],
    ['y', 'scaleByPowerOfTwo', 'p0', 'n'],
  );
}
