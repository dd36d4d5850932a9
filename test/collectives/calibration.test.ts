import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createGroupCalibration,
  hybridCodec,
  observeGroup,
  parseGroupCalibration,
} from '../../src/collectives/index.ts';
import { calibrated, failure, groups, normals } from './helpers.ts';

const one = (...values: number[]) => [Float64Array.from(values)];

describe('calibration', () => {
  it('follows min and max of every feature on every device by γ', () => {
    const first = [Float64Array.of(1, -2, 3, 4), Float64Array.of(0, 0, 0, 8)];
    const second = [Float64Array.of(-1, 10, 5, 0), Float64Array.of(1, 1, 1, 1)];
    let seen = createGroupCalibration({ devices: 2, width: 2, gamma: 0.25 });
    seen = observeGroup(seen, first);
    expect(seen.ranges).toEqual([
      [
        { min: 1, max: 3 },
        { min: -2, max: 4 },
      ],
      [
        { min: 0, max: 0 },
        { min: 0, max: 8 },
      ],
    ]);
    seen = observeGroup(seen, second);
    expect(seen.sequences).toBe(2);
    expect(seen.ranges[0][0]).toEqual({ min: 0.75 * 1 + 0.25 * -1, max: 0.75 * 3 + 0.25 * 5 });
    expect(seen.ranges[1][1]).toEqual({ min: 0.25, max: 0.75 * 8 + 0.25 });
  });

  it('weighs the first of n sequences by (1 − γ)^(n − 1), the last by γ: the order counts', () => {
    const gamma = 0.01;
    const run = (maxima: readonly number[]) =>
      maxima.reduce(
        (seen, max) => observeGroup(seen, one(max, 0)),
        createGroupCalibration({ devices: 1, width: 1, gamma }),
      ).ranges[0][0].max;
    const late = [...new Array(99).fill(0), 1];
    const early = [1, ...new Array(99).fill(0)];
    expect(run(late)).toBeCloseTo(gamma, 12);
    expect(run(early)).toBeCloseTo((1 - gamma) ** 99, 12);
    const still = (maxima: readonly number[]) =>
      maxima.reduce(
        (seen, max) => observeGroup(seen, one(max, 0)),
        createGroupCalibration({ devices: 1, width: 1, method: 'static' }),
      ).ranges[0][0].max;
    expect([still(late), still(early)]).toEqual([1, 1]);
  });

  it('stays within what was seen, and takes the last sequence alone at γ = 1', () => {
    fc.assert(
      fc.property(groups(fc.double({ min: -1e6, max: 1e6, noNaN: true })), ({ partials, width }) => {
        const devices = partials.length;
        const negated = partials.map((data) => data.map((x) => -x));
        const seen = observeGroup(calibrated(partials, width, { gamma: 0.3 }), negated);
        const both = observeGroup(calibrated(partials, width, { method: 'static' }), negated);
        seen.ranges.forEach((row, device) => {
          row.forEach(({ min, max }, j) => {
            const wide = both.ranges[device][j];
            expect(min).toBeLessThanOrEqual(max);
            expect(min).toBeGreaterThanOrEqual(wide.min - 1e-9);
            expect(max).toBeLessThanOrEqual(wide.max + 1e-9);
          });
        });
        const last = observeGroup(calibrated(partials, width, { gamma: 1 }), negated);
        expect(last.ranges).toEqual(calibrated(negated, width, { gamma: 1 }).ranges);
        expect(last.devices).toBe(devices);
      }),
    );
  });

  it('goes through JSON, and calibrates on from there', () => {
    const seen = calibrated(normals(3, 10, 7), 7);
    const back = parseGroupCalibration(JSON.parse(JSON.stringify(seen)));
    expect(back).toEqual(seen);
    const more = normals(3, 4, 7, 9);
    expect(observeGroup(back, more)).toEqual(observeGroup(seen, more));
    expect(hybridCodec(back, { k: 2 })).toEqual(hybridCodec(seen, { k: 2 }));
    const empty = createGroupCalibration({ devices: 2, width: 3, method: 'static' });
    expect(parseGroupCalibration(JSON.parse(JSON.stringify(empty)))).toEqual(empty);
  });

  it('refuses NaN by its device, other shapes, options out of range, and JSON that lies', () => {
    const seen = calibrated(normals(2, 2, 2), 2);
    expect(failure(() => observeGroup(seen, [new Float64Array(2), Float64Array.of(0, Number.NaN)]))).toBe(
      'value partials[1][1]',
    );
    expect(failure(() => observeGroup(seen, normals(3, 2, 2)))).toBe('shape partials');
    expect(
      failure(() =>
        observeGroup(
          seen,
          normals(2, 2, 3).map((data) => data.subarray(0, 3)),
        ),
      ),
    ).toBe('shape partials[0]');
    const start = (different: object) => failure(() => createGroupCalibration({ devices: 2, width: 3, ...different }));
    expect(start({ devices: 65 })).toBe('range options.devices');
    expect(start({ gamma: 0 })).toBe('range options.gamma');
    expect(start({ gamma: 1.5 })).toBe('range options.gamma');
    expect(start({ method: 'static', gamma: 0.5 })).toBe('unsupported options.gamma');
    const parse = (different: object) =>
      failure(() => parseGroupCalibration({ ...JSON.parse(JSON.stringify(seen)), ...different }));
    expect(parse({ schema: 'ranges/1' })).toBe('name calibration.schema');
    expect(parse({ devices: 3 })).toBe('shape calibration.ranges');
    expect(parse({ width: 3 })).toBe('shape calibration.ranges[0]');
    expect(
      parse({
        ranges: [
          [
            { min: 1, max: 0 },
            { min: 0, max: 0 },
          ],
          [],
        ],
      }),
    ).toBe('range calibration.ranges[0][0]');
    expect(
      parse({
        ranges: [
          [
            { min: '1', max: 0 },
            { min: 0, max: 0 },
          ],
          [],
        ],
      }),
    ).toBe('type calibration.ranges[0][0].min');
    expect(parse({ gamma: null })).toBe('type calibration.gamma');
  });
});
