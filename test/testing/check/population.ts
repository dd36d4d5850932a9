/**
 * Mutants in formats drawn at random: how often a check of a hundred runs catches one, and names it.
 */
import { BittrueError } from '../../../src/errors/index.ts';
import { defineFloat, type FloatFormat, type FloatParameters } from '../../../src/formats/index.ts';
import { checkRounding } from '../../../src/testing/check/index.ts';
import { convert, type Mutant } from './mutants.ts';

/** Draws below n, the same for the same seed. */
export function drawing(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.floor((((state ^ (state >>> 13)) >>> 0) / 2 ** 32) * n);
  };
}

const specials: Pick<FloatParameters, 'infinities' | 'nan'>[] = [
  { infinities: 'ieee', nan: 'ieee' },
  { infinities: 'none', nan: 'topCode' },
  { infinities: 'none', nan: 'none' },
  { infinities: 'none', nan: 'negativeZero' },
  { infinities: 'topCode', nan: 'topCode' },
];

/** A format of 5 to 16 bits. */
export function drawFormat(draw: (n: number) => number): FloatFormat {
  for (;;) {
    try {
      return defineFloat({
        exponentBits: 2 + draw(5),
        mantissaBits: 2 + draw(8),
        ...specials[draw(specials.length)],
      } as never);
    } catch (error) {
      if (!(error instanceof BittrueError)) throw error;
    }
  }
}

/** What became of one mutant under one seed. */
export interface Fate {
  readonly format: FloatFormat;
  readonly caught: boolean;
  readonly named: boolean;
  /** Elements of the counter-example. */
  readonly elements: number;
  readonly said: string;
}

/** A mutant under a seed; null where its format cannot show the disease. */
export function fateOf({ disease, names }: Mutant, seed: number, format: FloatFormat, runs = 100): Fate | null {
  const mutant = (x: number): number => convert(format, x, disease);
  const check = checkRounding(mutant, { from: 'binary64', to: format, runs, seed });
  if (check.ok && checkRounding(mutant, { from: 'binary64', to: format }).ok) return null;
  const said = check.diagnosis?.behaviours.map(({ name }) => name) ?? [];
  return {
    format,
    caught: !check.ok,
    named: names.includes(said[0] ?? ''),
    elements: check.counterexample?.inputs.length ?? 0,
    said: said.join('+'),
  };
}
