import { describe, expect, it } from 'vitest';
import { ValueUnit } from '../../../src/arithmetic/valueUnit.ts';
import { type Format, parseFormat } from '../../../src/formats/index.ts';
import { placeElements } from '../../../src/quantization/block/blockScale.ts';
import { CLIPPED, elementsOf, TINY, ZERO } from '../../../src/quantization/block/elements.ts';
import { emptyRun, roomFor } from '../../../src/quantization/block/run.ts';
import { encodeValue } from '../../../src/rounding/codes.ts';
import { decode, OVERFLOW, resolvePolicy, SATURATION, UNDERFLOW } from '../../../src/rounding/index.ts';

const formats = [
  ...['e2m1fn', 'e4m3fn', 'e5m2', 'e2m3fn', 'e3m2fn', 'e4m3fnuz', 'binary16', 'bfloat16', 'int4', 'int8', 'mxint8'],
  ...['float:e1m3:bias=1:inf=none', 'float:e3m0:inf=none', 'float:e2m5:inf=none:nan=none', 'int12:fraction=5'],
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
  it.each(formats)('are what the unit of the format rounds and counts: %s', (name) => {
    const format = parseFormat(name);
    const into = roomFor(emptyRun(), 1);
    const first = () => ({ code: into.codes[0], found: into.found[0] });
    const numbers = decisive(format);
    for (const rounding of ['tiesToEven', 'tiesToAway', 'towardZero'] as const) {
      for (const isTable of format.bits > 8 ? [false] : [false, true]) {
        const elements = elementsOf(format, rounding);
        // So many numbers are worth a table of narrow formats.
        if (isTable) elements.over(new Float64Array(2 ** 15), 0, 2 ** 15, 1, roomFor(emptyRun(), 2 ** 15));
        const unit = new ValueUnit(format, resolvePolicy(format, { rounding, overflow: 'saturate' }));
        const wanted = (value: number) => {
          const { flags } = unit;
          const clipped = (flags & (OVERFLOW | SATURATION)) !== 0 ? CLIPPED : 0;
          const tiny = (flags & UNDERFLOW) !== 0 ? TINY : 0;
          return { code: encodeValue(format, value, false), found: clipped | tiny | (value === 0 ? ZERO : 0) };
        };
        for (const scale of scales) {
          for (const number of [...numbers, Infinity, -Infinity]) {
            const x = Number.isFinite(number) && scale !== 0 ? number * scale : number;
            if (scale !== 0 || Number.isFinite(x)) {
              elements.over([x], 0, 1, scale, into);
              const found = wanted(scale === 0 ? unit.round(x * 0) : unit.divide(x, scale));
              if (into.codes[0] !== found.code || into.found[0] !== found.found)
                expect([x, scale, first()]).toEqual([x, scale, found]);
            }
            const factor = Math.fround(scale === 0 ? 3e38 : 1 / scale);
            const single = Math.fround(x);
            placeElements(elements, [x], 0, 1, { scale: 0, flags: 0, factor }, into);
            const found = wanted(unit.round(single === 0 ? single : Math.fround(single * factor)));
            if (into.codes[0] !== found.code || into.found[0] !== found.found)
              expect([x, factor, first()]).toEqual([x, factor, found]);
          }
        }
      }
    }
  });
});
