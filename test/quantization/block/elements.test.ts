import { describe, expect, it } from 'vitest';
import { ValueUnit } from '../../../src/arithmetic/valueUnit.ts';
import { type Format, parseFormat } from '../../../src/formats/index.ts';
import { placeElements } from '../../../src/quantization/block/blockScale.ts';
import { elementsOf } from '../../../src/quantization/block/elements.ts';
import { emptyRun, roomFor, startCounts } from '../../../src/quantization/block/run.ts';
import { encodeValue } from '../../../src/rounding/codes.ts';
import { decode, OVERFLOW, resolvePolicy, SATURATION, UNDERFLOW } from '../../../src/rounding/index.ts';

const formats = [
  ...['e2m1fn', 'e4m3fn', 'e5m2', 'e2m3fn', 'e3m2fn', 'e4m3fnuz', 'binary16', 'bfloat16', 'int4', 'int8', 'mxint8'],
  ...['float:e1m3:bias=1:inf=none', 'float:e3m0:inf=none', 'float:e2m5:inf=none:nan=none'],
];
const scales = [1, 0.25, 2 ** -130, 3, 0.1, 7 / 3, 448, 2 ** -9, 1.125, 6 * 2 ** -140, 1e30, 5e-324, 0];

/** Numbers of a format, their midpoints, and the neighbours of both in binary64. */
function decisive(format: Format): number[] {
  const codes = Math.min(format.codes, 512);
  const values = Array.from({ length: codes }, (_, i) => decode(format, Math.floor((i * format.codes) / codes)))
    .filter((value) => Number.isFinite(value) && value >= 0)
    .toSorted((a, b) => a - b);
  const found = [0, format.max, format.max * 2, format.max * (1 + 2 ** -30)];
  for (const [i, value] of values.entries()) {
    const middle = (value + (values[i + 1] ?? value * (1 + 2 ** -20))) / 2;
    for (const x of [value, middle]) found.push(x, x * (1 + 2 ** -52), x * (1 - 2 ** -53), x * (1 + 2 ** -24));
  }
  return found.flatMap((x) => [x, -x]);
}

describe('elements of blocks', () => {
  const modes = ['tiesToEven', 'tiesToAway', 'towardZero', 'towardPositive', 'towardNegative', 'toOdd'] as const;
  const random = (['A', 'B', 'C'] as const).map((variant, i) => ({ seed: 2 ** 40 + i, bits: [32, 8, 3][i]!, variant }));

  it.each(formats)('are what the unit of the format rounds and counts: %s', (name) => {
    const format = parseFormat(name);
    const numbers = decisive(format);
    const into = roomFor(emptyRun(), 1);
    into.origin = 2 ** 33 + 5;
    // Without a table or random bits the unit itself is asked.
    for (const rounding of format.bits > 8 ? random : [...modes, ...random]) {
      const isRandom = typeof rounding !== 'string';
      const mode = isRandom ? ({ rounding: 'stochastic', stochastic: rounding } as const) : { rounding };
      const unit = new ValueUnit(format, resolvePolicy(format, { ...mode, overflow: 'saturate' }));
      const place = { index: into.origin, step: 0, stage: 0 };
      const elements = elementsOf(format, rounding);
      const compare = (x: number, by: number, fill: () => void, value: number) => {
        const isZero = value === 0 && x !== 0;
        const raised = (flags: number) => Number((unit.flags & flags) !== 0 && value !== 0);
        const code = encodeValue(format, value, false);
        const wanted = [code, raised(OVERFLOW | SATURATION), isZero ? 1 : raised(UNDERFLOW), Number(isZero)];
        startCounts(into);
        fill();
        const found = [into.codes[0], into.clips, into.underflows, into.zeroed];
        if (found.some((one, i) => one !== wanted[i]))
          expect([x, by, rounding, ...found]).toEqual([x, by, rounding, ...wanted]);
      };
      // Quotients at random go through exact decimals, which takes its time.
      for (const scale of isRandom ? [1, 0.25, 3] : scales) {
        for (const number of [...(isRandom ? numbers.filter((_, i) => i % 7 === 0) : numbers), Infinity, -Infinity]) {
          const x = Number.isFinite(number) && scale !== 0 ? number * scale : number;
          const numberOf = Float64Array.of(x);
          if (scale !== 0)
            compare(x, scale, () => elements.over(numberOf, 0, 1, scale, into), unit.divide(x, scale, place));
          else if (Number.isFinite(x))
            compare(
              x * 0,
              0,
              () =>
                elements.over(
                  numberOf.map((y) => y * 0),
                  0,
                  1,
                  0,
                  into,
                ),
              unit.round(x * 0, place),
            );
          const factor = Math.fround(scale === 0 ? 3e38 : 1 / scale);
          const single = Math.fround(x);
          const chosen = { scale: 1, flags: 0, factor, divisor: null, inverse: null };
          const product = single === 0 ? single : Math.fround(single * factor);
          compare(x, factor, () => placeElements(elements, numberOf, 0, 1, chosen, into), unit.round(product, place));
        }
      }
    }
  });
});
