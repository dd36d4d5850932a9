import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linear } from '../../src/studies/linearCall.ts';

describe('linear', () => {
  it('is one chain of additions an output, bit for bit, for sizes that fill tiles and sizes that do not', () => {
    const size = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(
        size,
        size,
        size,
        fc.infiniteStream(fc.double({ noNaN: true, min: -1e3, max: 1e3 })),
        (rows, outputs, inputs, numbers) => {
          const take = (count: number) => Float64Array.from({ length: count }, () => numbers.next().value);
          const x = take(rows * inputs);
          const w = take(outputs * inputs);
          const wanted = Float64Array.from({ length: rows * outputs }, (_, at) => {
            let sum = 0;
            for (let k = 0; k < inputs; k++) {
              sum += x[Math.floor(at / outputs) * inputs + k] * w[(at % outputs) * inputs + k];
            }
            return sum;
          });
          expect(linear(x, rows, w, outputs, inputs)).toEqual(wanted);
        },
      ),
    );
  });
});
