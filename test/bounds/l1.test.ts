import { describe, expect, it } from 'vitest';
import { defineReduction } from '../../src/accumulators/index.ts';
import { bounds, dataTypeBits, l1Bits } from '../../src/bounds/index.ts';
import { defineTarget } from '../../src/targets/index.ts';
import { generator } from '../random.ts';

/** A unit of int8 inputs and weights with one register of so many bits. */
function unitOf(bits: number, input: 'int8' | 'uint8') {
  return defineTarget({
    name: 'register',
    source: 'test',
    matrixUnits: {
      register: {
        a: [input],
        b: ['int8'],
        k: 1,
        reduction: defineReduction({
          kind: 'sequential',
          accumulator: { kind: 'integer', bits, overflow: 'saturate' },
        }),
        output: { format: `int${Math.min(bits, 53)}` },
      },
    },
  });
}

function verdict(weights: readonly number[], bits: number, input: 'int8' | 'uint8') {
  return bounds({ kernel: 'dot', weights, inputs: { kind: 'format', format: input }, target: unitOf(bits, input) });
}

describe("A2Q's bounds", () => {
  it('are those of the paper, on worked examples', () => {
    // By data types: α = log2 K + N + M − 1 − signed; P ≥ α + log2(1 + 2^−α) + 1.
    expect(dataTypeBits({ width: 128, inputBits: 8, signed: false, weightBits: 8 })).toBe(24);
    expect(dataTypeBits({ width: 128, inputBits: 8, signed: true, weightBits: 8 })).toBe(23);
    expect(dataTypeBits({ width: 1, inputBits: 4, signed: false, weightBits: 4 })).toBe(9);
    // By weights: β = log2 ‖w‖₁ + N − signed. ‖w‖₁ = 127: 127·256 = 32512 ≤ 2^15 − 1.
    expect(l1Bits([100, -27], { inputBits: 8, signed: false })).toBe(16);
    expect(l1Bits([100, -28], { inputBits: 8, signed: false })).toBe(17);
    expect(l1Bits([100, -27], { inputBits: 8 })).toBe(15);
  });

  it('A2Q+ gives a zero-centred channel twice the norm, and a little more', () => {
    // ‖w‖₁ ≤ (2^P − 2)/(2^N − 1): 65534/255 = 256.99, for P = 16 and N = 8.
    expect(l1Bits([128, -128], { inputBits: 8, signed: false, zeroCentered: true })).toBe(16);
    expect(l1Bits([129, -129], { inputBits: 8, signed: false, zeroCentered: true })).toBe(17);
    expect(l1Bits([128, -128], { inputBits: 8, signed: false })).toBe(18);
  });

  it('are proved by `bounds` for random weights, whose exact width is never more', () => {
    const next = generator('l1');
    for (let run = 0; run < 60; run++) {
      const width = 1 + Math.floor(next() * 40);
      const weights = Array.from({ length: width }, () => Math.floor(next() * 255) - 127);
      const isSigned = run % 2 === 0;
      const input = isSigned ? 'int8' : 'uint8';
      const bits = l1Bits(weights, { inputBits: 8, signed: isSigned });
      expect(verdict(weights, bits, input).verdict, `${weights}`).toBe('proved');
      if (!isSigned) {
        const centred = [...weights, ...weights.map((w) => -w)];
        const narrow = l1Bits(centred, { inputBits: 8, signed: false, zeroCentered: true });
        expect(verdict(centred, narrow, input).verdict, `${centred}`).toBe('proved');
        // The positive weights alone reach it, so no narrower register will do.
        expect(
          verdict(
            [...centred].sort((p, q) => q - p),
            narrow - 1,
            input,
          ).verdict,
        ).toBe('overflows');
      }
    }
  });

  it('refuse what they do not speak of', () => {
    expect(() => l1Bits([0.5], { inputBits: 8 })).toThrow('an integer');
    expect(() => l1Bits([Number.NaN], { inputBits: 8 })).toThrow('weights[0]');
    expect(() => l1Bits([1], { inputBits: 8, signed: false, zeroCentered: true })).toThrow('add up to 0');
    expect(() => l1Bits([1, -1], { inputBits: 8, zeroCentered: true })).toThrow('unsigned');
    expect(() => l1Bits([1], { inputBits: 0 })).toThrow('options.inputBits');
    expect(() => l1Bits([1], { inputBits: 8, sign: true } as never)).toThrow('options.sign');
  });
});
