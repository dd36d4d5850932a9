/**
 * Arbitrary number formats.
 *
 * @module
 */
import fc from 'fast-check';
import { BittrueError, checkInteger, checkName } from '../../errors/index.ts';
import {
  catalogue,
  defineFloat,
  defineInteger,
  defineP3109,
  type FloatFormat,
  type FloatParameters,
  type Format,
} from '../../formats/index.ts';
import { checkConstraints } from './constraints.ts';

/** Which formats to draw. */
export interface FormatsConstraints {
  /**
   * Widest code, 2–53 bits.
   * @defaultValue 32
   */
  readonly maxBits?: number;
  /**
   * Floats, integers, or both.
   * @defaultValue 'both'
   */
  readonly kind?: 'float' | 'integer' | 'both';
}

/**
 * Formats of the catalogue, P3109 formats, floats of random parameters, and integers. Shrinks toward the catalogue's
 * first rows (binary32, binary16).
 *
 * @example
 * import fc from 'fast-check';
 * import { formatName, parseFormat } from 'bittrue/formats';
 * import { formats } from 'bittrue/testing/arbitraries';
 * fc.assert(fc.property(formats(), (format) => formatName(parseFormat(formatName(format))) === formatName(format)));
 */
export function formats(constraints: FormatsConstraints & { readonly kind: 'float' }): fc.Arbitrary<FloatFormat>;
export function formats(constraints?: FormatsConstraints): fc.Arbitrary<Format>;
export function formats(constraints: FormatsConstraints = {}): fc.Arbitrary<Format> {
  checkConstraints(constraints);
  const { maxBits = 32, kind = 'both' } = constraints;
  checkInteger('constraints.maxBits', maxBits, 2, 53);
  checkName('constraints.kind', kind, ['float', 'integer', 'both']);
  const named = Object.values(catalogue).filter(
    (format) => format.bits <= maxBits && (kind === 'both' || format.kind === kind),
  );
  const found: fc.Arbitrary<Format>[] = named.length === 0 ? [] : [fc.constantFrom(...named)];
  if (kind !== 'integer') found.push(p3109(maxBits), floats(maxBits));
  if (kind !== 'float') found.push(integers(maxBits));
  return fc.oneof({ withCrossShrink: true }, ...found);
}

function integers(maxBits: number): fc.Arbitrary<Format> {
  return fc
    .record({ bits: fc.integer({ min: 2, max: maxBits }), signed: fc.boolean(), fractionBits: fc.nat({ max: 12 }) })
    .map(defineInteger);
}

function p3109(maxBits: number): fc.Arbitrary<Format> {
  return possible(
    fc.record({
      bits: fc.integer({ min: 2, max: Math.min(maxBits, 16) }),
      precision: fc.integer({ min: 1, max: 12 }),
      signed: fc.boolean(),
      extended: fc.boolean(),
    }),
    defineP3109,
  );
}

function floats(maxBits: number): fc.Arbitrary<Format> {
  const specials = fc.constantFrom<Pick<FloatParameters, 'infinities' | 'nan'>>(
    { infinities: 'ieee', nan: 'ieee' },
    { infinities: 'none', nan: 'none' },
    { infinities: 'none', nan: 'topCode' },
    { infinities: 'none', nan: 'negativeZero' },
    { infinities: 'topCode', nan: 'topCode' },
    { infinities: 'topCode', nan: 'negativeZero' },
    { infinities: 'topCode', nan: 'none' },
  );
  return possible(
    fc
      .record({
        exponentBits: fc.integer({ min: 1, max: Math.min(maxBits, 9) }),
        mantissaBits: fc.integer({ min: 0, max: Math.min(maxBits, 51) }),
        offset: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -20, max: 20 })),
        signed: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
        specials,
        lowest: fc.constantFrom<NonNullable<FloatParameters['lowest']>>('subnormal', 'normalButZero', 'normal'),
      })
      .filter(({ exponentBits, mantissaBits, signed }) => exponentBits + mantissaBits + (signed ? 1 : 0) <= maxBits),
    ({ offset, specials: both, ...parameters }) =>
      defineFloat({ ...parameters, ...both, bias: 2 ** (parameters.exponentBits - 1) - 1 + offset }),
  );
}

/** Only the parameters that define a format: the rest contradict each other. */
function possible<T>(parameters: fc.Arbitrary<T>, define: (parameters: T) => Format): fc.Arbitrary<Format> {
  return parameters
    .map((given) => {
      try {
        return define(given);
      } catch (error) {
        if (error instanceof BittrueError) return null;
        throw error;
      }
    })
    .filter((format) => format !== null);
}
