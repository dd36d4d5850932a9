/**
 * The matrix units of the catalogue, by the operands that they take.
 */
import { type Format, formatName } from '../../../src/formats/index.ts';
import { roundTo } from '../../../src/rounding/index.ts';
import { findMatrixUnit, findTarget, type MatrixUnit, targets } from '../../../src/targets/index.ts';
import type { Different } from '../../../src/testing/distinguish/index.ts';
import { oracle } from '../../../src/testing/index.ts';

/** Units that take the same operands. */
export interface Group {
  readonly a: Format;
  readonly b: Format;
  readonly units: readonly string[];
}

/** Every unit, in every pair of formats that it takes, with those that take the same. */
export function groups(): Group[] {
  const found = new Map<string, Group & { units: string[] }>();
  for (const target of Object.values(targets)) {
    for (const unit of Object.values(target.matrixUnits)) {
      for (const a of unit.a) {
        for (const b of unit.mixes === 'same' ? [a] : unit.b) {
          const scale = unit.scale === null ? '' : `${formatName(unit.scale.format)}/${unit.scale.block}`;
          const key = `${formatName(a)} ${formatName(b)} ${scale}`;
          const group = found.get(key) ?? { a, b, units: [] };
          group.units.push(`${target.name}:${unit.name}`);
          found.set(key, group);
        }
      }
    }
  }
  return [...found.values()];
}

/** One unit of each arithmetic, as the catalogue writes it. */
export function distinct(units: readonly string[]): string[] {
  const forms = new Map<string, string>();
  for (const text of units) {
    const { load, zeroOperands, product, reduction, addend, output, scale } = unitOf(text);
    const form = JSON.stringify([load, zeroOperands, product, reduction, addend, output, scale]);
    if (!forms.has(form)) forms.set(form, text);
  }
  return [...forms.values()];
}

/** A unit by its text. */
export function unitOf(text: string): MatrixUnit {
  const [name = '', unit] = text.split(':');
  return findMatrixUnit(findTarget(name), unit);
}

/** What the exact oracle makes of the operands that tell two units apart. */
export function byOracle(text: string, { a, b }: Group, found: Different): number {
  const unit = unitOf(text);
  const { output } = oracle.dot({
    unit: {
      k: unit.k,
      zeroOperands: unit.zeroOperands,
      scale: unit.scale,
      product: unit.product,
      reduction: unit.reduction,
      addend: unit.addend,
      output: unit.output,
      loadA: roundTo(a, unit.load),
      loadB: roundTo(b, unit.load),
      ...(unit.scale === null ? {} : { loadScale: roundTo(unit.scale.format) }),
    },
    width: found.width,
    a: found.a,
    b: found.b as readonly number[],
    c: [found.c as number],
    scaleA: found.scaleA,
    scaleB: found.scaleB,
    pairs: [[0, 0]],
  });
  return output[0] as number;
}
