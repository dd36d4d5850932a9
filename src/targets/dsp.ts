/**
 * Multiply-accumulate units of signal processors: one wide register, one product a step.
 *
 * All of them in integer mode: a fractional mode, which doubles every product (and clamps that of two lowest values), is
 * another product, not another accumulator, and is not stated here.
 *
 * @module
 */
import { int8, int16 } from '../formats/catalogue.ts';
import { defineInteger } from '../formats/integer.ts';
import { roundTo } from '../rounding/roundTo.ts';
import { chip, type UnitData } from './build.ts';

/** Widths of the generic registers. */
const WIDTHS = [16, 20, 24, 32, 36, 40, 48] as const;

/** One register of a width. */
function register(
  name: string,
  bits: number,
  overflow: 'saturate' | 'wrap',
  when: 'everyStep' | 'atEnd',
  rest: Pick<UnitData, 'confidence'> & Partial<UnitData>,
): UnitData {
  return {
    name,
    instructions: 'multiply-accumulate',
    a: [int16, int8],
    k: 1,
    reduction: { kind: 'sequential', accumulator: { kind: 'integer', bits, overflow, when } },
    output: roundTo(defineInteger({ bits }), { overflow }),
    ...rest,
  };
}

/** Registers of 16 to 48 bits that saturate at every step (`acc32Saturate`), at the end (`acc32SaturateAtEnd`) or wrap (`acc32Wrap`). */
export const integerMac = /* @__PURE__ */ chip(() => ({
  name: 'integerMac',
  vendor: '',
  summary: 'int16 and int8 products in registers of 16, 20, 24, 32, 36, 40 and 48 bits',
  source: 'defined by bittrue',
  verified: 'definition',
  matrix: WIDTHS.flatMap((bits) => [
    register(`acc${bits}Saturate`, bits, 'saturate', 'everyStep', { confidence: 'a definition' }),
    register(`acc${bits}SaturateAtEnd`, bits, 'saturate', 'atEnd', { confidence: 'a definition' }),
    register(`acc${bits}Wrap`, bits, 'wrap', 'everyStep', { confidence: 'a definition' }),
  ]),
}));

/** Analog Devices Blackfin. */
export const blackfin = /* @__PURE__ */ chip(() => ({
  name: 'blackfin',
  vendor: 'Analog Devices',
  summary: '40-bit accumulators that saturate; 32 bits on request (integer mode)',
  source: 'ADSP-BF53x programming reference',
  verified: 'documented',
  matrix: [
    register('acc40', 40, 'saturate', 'everyStep', { confidence: 'documented' }),
    register('acc32', 32, 'saturate', 'everyStep', { confidence: 'documented' }),
  ],
}));

/** Freescale DSP56800 and DSP56800E. */
export const dsp56800 = /* @__PURE__ */ chip(() => ({
  name: 'dsp56800',
  vendor: 'Freescale',
  summary: '36-bit accumulators; with SA set, 32 bits that saturate after every step (integer mode)',
  source: 'DSP56800 family manual',
  verified: 'documented',
  matrix: [
    register('acc32', 32, 'saturate', 'everyStep', { confidence: 'documented (SA = 1)' }),
    register('acc36', 36, 'wrap', 'everyStep', {
      confidence: 'the width is documented; what lies beyond the extension bits is assumed to wrap',
    }),
  ],
}));

/** Texas Instruments C55x. */
export const c55x = /* @__PURE__ */ chip(() => ({
  name: 'c55x',
  vendor: 'Texas Instruments',
  summary: '40-bit accumulators that saturate at 2^31 or at 2^39 (integer mode)',
  source: 'TMS320C55x, SATD and M40; vendor forum',
  verified: 'documented',
  matrix: [
    register('acc40', 40, 'saturate', 'everyStep', { confidence: 'from memory and a forum (SATD, M40 = 1)' }),
    register('acc32', 32, 'saturate', 'everyStep', { confidence: 'from memory and a forum (SATD, M40 = 0)' }),
  ],
}));

/** Motorola CPU16. */
export const cpu16 = /* @__PURE__ */ chip(() => ({
  name: 'cpu16',
  vendor: 'Motorola',
  summary: 'a 36-bit multiply-accumulate register (integer mode)',
  source: 'CPU16 reference manual',
  verified: 'documented',
  matrix: [
    register('acc36', 36, 'wrap', 'everyStep', { confidence: 'the width is documented; that it wraps is assumed' }),
  ],
}));
