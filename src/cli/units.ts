/**
 * The unit of a target that a command runs, named and in words.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { formatName } from '../formats/index.ts';
import { accumulatorText } from '../reports/index.ts';
import { wrap } from '../reports/text/layout.ts';
import type { Target, VectorUnit } from '../targets/index.ts';
import { vectorUnitOf } from '../targets/units.ts';
import { type Io, look, print } from './io.ts';

/** A unit as data. */
export interface UnitData {
  /** `TARGET:UNIT`. */
  readonly name: string;
  /** How it is known. */
  readonly verified: string;
  readonly confidence: string;
}

/** The unit that a text names: of `NAME:UNIT`, or `FILE.json:UNIT`. */
function namedIn(text: string): string | undefined {
  return /^(?:.*\.json|[^:]*):([^:]+)$/.exec(text)?.[1];
}

/**
 * The vector unit that norms and softmax run on.
 *
 * @throws {@link BittrueError} where the text names a matrix unit, which they have no use for
 */
export function vectorUnitNamed(argument: string, text: string, target: Target, what: string): VectorUnit {
  const named = namedIn(text);
  if (named !== undefined && Object.hasOwn(target.matrixUnits, named)) {
    const { defaults, name, vectorUnits } = target;
    const names = Object.keys(vectorUnits).sort(
      (a, b) => Number(b === defaults.vector) - Number(a === defaults.vector),
    );
    const way = names.length === 0 ? 'which this target has not' : names.map((one) => `${name}:${one}`).join(', ');
    const wanted = `a vector unit for ${what}, which matrix units do not run: ${way}`;
    throw new BittrueError('unsupported', argument, text, wanted);
  }
  return vectorUnitOf(argument, target);
}

/** A unit as data. */
export function unitData(
  { name: target }: Target,
  { name, verified, confidence }: Pick<VectorUnit, 'name' | 'verified' | 'confidence'>,
): UnitData {
  return { name: `${target}:${name}`, verified, confidence };
}

/** A vector unit in a line: what it computes in, and how it is known. */
export function vectorUnitLine(
  { name: target }: Target,
  { name, compute, reduction, verified, confidence }: VectorUnit,
): string {
  const known = confidence.includes(verified)
    ? confidence
    : confidence === ''
      ? verified
      : `${verified}, ${confidence}`;
  const sums = accumulatorText({ product: null, reduction });
  return `on ${target}:${name}, a vector unit: computes in ${formatName(compute.format)}, ${sums}; known by: ${known.replace(/^a definition$/, 'definition')}`;
}

/** Says which unit ran, and how it is known. */
export function printUnit(io: Io, target: Target, unit: VectorUnit): void {
  for (const line of wrap(vectorUnitLine(target, unit), '  ', look(io))) print(io, line);
}
