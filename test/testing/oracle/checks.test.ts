import { describe, expect, it } from 'vitest';
import { binary16, e4m3fn, int8, mxfp4 } from '../../../src/formats/index.ts';
import { resolvePolicy, roundTo } from '../../../src/rounding/index.ts';
import { fp16 } from '../../../src/targets/index.ts';
import { oracleBlock } from '../../../src/testing/oracle/blocks.ts';
import { oracleCodeOperation } from '../../../src/testing/oracle/codeOperations.ts';
import { oracleDecode, oracleEncode, oracleValues } from '../../../src/testing/oracle/codes.ts';
import { oracleDot } from '../../../src/testing/oracle/dot.ts';
import { oracleFirsts } from '../../../src/testing/oracle/events.ts';
import { oracleToInteger } from '../../../src/testing/oracle/integral.ts';
import { oracleLayerNorm, oracleRmsNorm } from '../../../src/testing/oracle/normalization.ts';
import { oracleOperation } from '../../../src/testing/oracle/operations.ts';
import { oracleRandomBits } from '../../../src/testing/oracle/philox.ts';
import { oracleExactSum, oracleReduce } from '../../../src/testing/oracle/reduce.ts';
import { oracleVsmul } from '../../../src/testing/oracle/requantize.ts';
import { oracleRound } from '../../../src/testing/oracle/round.ts';
import { oracleSoftmax } from '../../../src/testing/oracle/softmax.ts';
import { failure } from '../helpers.ts';

const policy = resolvePolicy(binary16);
const at = roundTo(binary16);
const unit = fp16.vectorUnits.vector;
const plain = { rows: 1, width: 2, x: [1, 2], epsilon: 0, unit };
const sequential = { kind: 'sequential', accumulator: { kind: 'float', rounding: at } } as const;
const circular: Record<string, unknown> = { kind: 'tiled', size: 2, across: 'chain' };
circular.within = circular;

const mistakes: readonly [wanted: string, call: () => unknown][] = [
  ['range format.mantissaBits', () => oracleRound({ ...binary16, mantissaBits: 2 ** 53 } as never, policy, 1)],
  ['unsupported format.nan', () => oracleRound({ ...binary16, infinities: 'none' }, policy, 1)],
  ['name policy.rounding', () => oracleRound(binary16, { ...policy, rounding: 'nearest' as never }, 1)],
  ['name policy.overflow', () => oracleRound(binary16, { ...policy, overflow: undefined } as never, 1)],
  ['type x', () => oracleRound(binary16, policy, '1' as never)],
  ['type x', () => oracleRound(binary16, policy, { kind: 'finite', numerator: 1n, denominator: 0n } as never)],
  ['value x', () => oracleRound(int8, resolvePolicy(int8), Number.NaN)],
  ['type stochastic', () => oracleRound(binary16, { ...policy, rounding: 'stochastic' }, 0.1)],
  ['range stochastic.random', () => oracleRound(binary16, policy, 1, { bits: 8, variant: 'A', random: -1 })],
  ['name name', () => oracleOperation('toString' as never, at, [1])],
  ['shape operands', () => oracleOperation('add', at, [1])],
  ['type operands[1]', () => oracleOperation('add', at, [1, null as never])],
  ['type operands[0]', () => oracleOperation('add', at, new Array(2))],
  ['type rounding.policy', () => oracleOperation('add', { format: binary16 } as never, [1, 1])],
  ['range codes[0]', () => oracleCodeOperation('squareRoot', roundTo(e4m3fn), [256])],
  ['range code', () => oracleDecode(binary16, 65536)],
  ['value value', () => oracleEncode(e4m3fn, 449)],
  ['range format.bits', () => oracleValues({ ...int8, bits: 53 })],
  ['name recipe.scaleRule', () => oracleBlock(mxfp4, {} as never, [1])],
  ['name outside', () => oracleToInteger({ bits: 8, signed: true }, 'towardZero', 1, 'arm' as never)],
  ['range position.step', () => oracleRandomBits(0n, { index: 0, step: -1, stage: 0 }, 8)],
  ['range a', () => oracleVsmul(128n, 1n, 8, 'rnu')],
  ['name events[0].stage', () => oracleFirsts(['sum'], [{ ...event(), stage: 'load' }])],
  ['shape b', () => oracleReduce({ ...sequential, accumulator: { ...sequential.accumulator, fused: true } }, [1], [])],
  ['name options.addent', () => oracleReduce(sequential, [1], null, { addent: 1 } as never)],
  ['shape options.scales.a', () => oracleReduce(sequential, [1], null, { scales: { a: [], b: [1], block: 1 } })],
  ['range reduction.within.within.within.within.within.within.within.within', () => reduced(circular)],
  ['name reduction.accumulator.kind', () => reduced({ kind: 'sequential', accumulator: { kind: 'quad' } })],
  ['value b', () => oracleExactSum([1], [Infinity])],
  ['shape options.x', () => oracleLayerNorm({ ...plain, width: 3 })],
  ['range options.rows', () => oracleLayerNorm({ ...plain, rows: 1e300 })],
  ['name options.beta', () => oracleRmsNorm({ ...plain, beta: [1, 2] } as never)],
  ['type options.unit.load.format', () => oracleLayerNorm({ ...plain, unit: { ...unit, load: {} } } as never)],
  ['shape options.gamma', () => oracleLayerNorm({ ...plain, gamma: [1] })],
  ['type options', () => oracleSoftmax(null as never)],
  ['type options.unit', () => oracleDot({ unit: null, width: 1, a: [1], b: [1], pairs: [[0, 0]] } as never)],
];

function event() {
  return { row: 0, stage: 'sum', index: null, step: 0, flags: 1, operands: [], result: 0 };
}

function reduced(reduction: unknown): unknown {
  return oracleReduce(reduction as never, [1, 2], null);
}

describe('the oracle', () => {
  it.each(mistakes)('refuses by name: %s', (wanted, call) => {
    expect(failure(() => call())).toBe(wanted);
  });
});
