import fc from 'fast-check';
import {
  createGroupCalibration,
  type GroupCalibration,
  type GroupCalibrationOptions,
  observeGroup,
} from '../../src/collectives/index.ts';
import { generator, normal } from '../random.ts';

/** Partial sums of a function of device, row and feature. */
export function filled(
  devices: number,
  rows: number,
  width: number,
  value: (device: number, row: number, feature: number) => number,
): Float64Array[] {
  return Array.from({ length: devices }, (_, device) =>
    Float64Array.from({ length: rows * width }, (_, i) => value(device, Math.floor(i / width), i % width)),
  );
}

/** Normal partial sums, the same for the same seed. */
export function normals(devices: number, rows: number, width: number, seed = 1): Float64Array[] {
  const next = generator(seed);
  return filled(devices, rows, width, () => normal(next));
}

/** What some partial sums calibrate, seen as one sequence. */
export function calibrated(
  partials: readonly Float64Array[],
  width: number,
  options: Partial<GroupCalibrationOptions> = {},
): GroupCalibration {
  return observeGroup(createGroupCalibration({ devices: partials.length, width, ...options }), partials);
}

/** The element-wise sum in binary64, in the order of devices. */
export function summed(partials: readonly Float64Array[]): Float64Array {
  return partials[0].map((_, i) => partials.reduce((sum, data) => sum + data[i], 0));
}

/** Groups of devices with any numbers from an arbitrary. */
export function groups(
  numbers: fc.Arbitrary<number>,
  maxDevices = 8,
): fc.Arbitrary<{ partials: Float64Array[]; width: number; rows: number }> {
  return fc
    .tuple(fc.integer({ min: 2, max: maxDevices }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }))
    .chain(([devices, rows, width]) =>
      fc
        .array(fc.array(numbers, { minLength: rows * width, maxLength: rows * width }), {
          minLength: devices,
          maxLength: devices,
        })
        .map((lists) => ({ partials: lists.map((list) => Float64Array.from(list)), width, rows })),
    );
}

export function rootMeanSquare(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum / values.length);
}

/** The code and argument of the error that a call throws. */
export function failure(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    const { code, argument } = error as { code?: string; argument?: string };
    return `${code} ${argument}`;
  }
  return 'no error';
}
