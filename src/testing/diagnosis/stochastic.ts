/**
 * What implementations of stochastic rounding do instead: shares of the answers, by the fraction of a step that a number lies
 * above its lower neighbour.
 *
 * @module
 */

/** A number on its way to a format. Steps are counted by magnitude, from the neighbour nearer to zero. */
export interface Place {
  readonly negative: boolean;
  readonly subnormal: boolean;
  /** ν, from 0 to below 1. */
  readonly fraction: number;
  /** Whether the neighbour nearer to zero is an odd number of steps. */
  readonly odd: boolean;
}

/** Shares of the answers, by steps from the neighbour nearer to zero. */
export type Shares = ReadonlyMap<number, number>;

/** A named way to round by chance, or what is meant for it. */
export interface StochasticBehaviour {
  readonly name: string;
  readonly text: string;
  readonly shares: (place: Place) => Shares;
}

/** `share` of the answers go up, the others down. */
export function upward(share: number): Shares {
  return new Map([
    [0, 1 - share],
    [1, share],
  ]);
}

/** How often N random bits send a fraction up, by the variants of P3109 §4.7.4. */
export function shareOf(fraction: number, bits: number, variant: 'A' | 'B' | 'C'): number {
  const scaled = fraction * 2 ** bits;
  const whole = Math.floor(scaled);
  if (variant === 'A') return whole / 2 ** bits;
  if (variant === 'B') return Math.floor((Math.floor(2 * scaled) + 1) / 2) / 2 ** bits;
  const rest = scaled - whole;
  return (rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole) / 2 ** bits;
}

const nearest = ({ fraction, odd }: Place): number => (fraction > 0.5 || (fraction === 0.5 && odd) ? 1 : 0);

const rules: readonly (readonly [string, string, (place: Place) => Shares])[] = [
  ['tiesToEven', 'rounds to nearest, ties to even: nothing is left to chance', (place) => upward(nearest(place))],
  ['tiesToAway', 'rounds to nearest, ties away from zero', ({ fraction }) => upward(fraction >= 0.5 ? 1 : 0)],
  ['towardZero', 'truncates', () => upward(0)],
  ['awayFromZero', 'rounds every inexact number away from zero', ({ fraction }) => upward(fraction > 0 ? 1 : 0)],
  ['towardPositive', 'rounds up', ({ fraction, negative }) => upward(fraction > 0 && !negative ? 1 : 0)],
  ['towardNegative', 'rounds down', ({ fraction, negative }) => upward(fraction > 0 && negative ? 1 : 0)],
  [
    'coin',
    'tosses a coin: either neighbour comes equally often, wherever the number lies',
    ({ fraction }) => upward(fraction > 0 ? 0.5 : 0),
  ],
  [
    'turned',
    'takes the farther neighbour as often as it should take the nearer one',
    ({ fraction }) => upward(fraction > 0 ? 1 - fraction : 0),
  ],
  ['exactToo', 'moves numbers of the format up too', ({ fraction }) => upward(fraction === 0 ? 1 / 2 : fraction)],
  [
    'halfNoise',
    'adds noise of half a step and rounds to nearest: numbers near a neighbour always go there',
    ({ fraction }) => upward(Math.min(1, Math.max(0, 2 * fraction - 0.5))),
  ],
  [
    'positiveNoise',
    'adds noise of up to a whole step and then rounds to nearest instead of down: half a step too large',
    ({ fraction }) =>
      fraction <= 0.5
        ? upward(fraction + 0.5)
        : new Map([
            [1, 1.5 - fraction],
            [2, fraction - 0.5],
          ]),
  ],
  [
    'wideNoise',
    'adds noise of two steps',
    ({ fraction }) =>
      // Uniform from −1 to 1 around the number, to the nearest.
      new Map([-1, 0, 1, 2].map((k) => [k, overlap(fraction - 1, fraction + 1, k - 0.5, k + 0.5) / 2] as const)),
  ],
  ['twoDraws', 'draws twice and goes up if either says so', ({ fraction }) => upward(1 - (1 - fraction) ** 2)],
  ['twoDrawsBoth', 'draws twice and goes up if both say so', ({ fraction }) => upward(fraction ** 2)],
];

function overlap(a: number, b: number, c: number, d: number): number {
  return Math.max(0, Math.min(b, d) - Math.max(a, c));
}

/** Where a deviation may hold. */
const wheres: readonly (readonly [string, string, (place: Place) => boolean])[] = [
  ['', '', () => true],
  [' for negative numbers', ', for negative numbers alone', ({ negative }) => negative],
  [' for positive numbers', ', for positive numbers alone', ({ negative }) => !negative],
  [' for subnormals', ', for subnormal numbers alone', ({ subnormal }) => subnormal],
  [' for normals', ', for normal numbers alone', ({ subnormal }) => !subnormal],
];

/**
 * The same rule counted on the number line, from the lower neighbour up, where it was counted by magnitude: what a converter
 * that starts from floor(x) does to negative numbers.
 */
function fromBelow(shares: (place: Place) => Shares): (place: Place) => Shares {
  return (place) => {
    if (!place.negative) return shares(place);
    const { fraction } = place;
    const mirrored = shares({
      ...place,
      fraction: fraction === 0 ? 0 : 1 - fraction,
      odd: place.odd === (fraction === 0),
    });
    return new Map([...mirrored].map(([steps, share]) => [fraction === 0 ? -steps : 1 - steps, share] as const));
  };
}

/**
 * The deviations from the right shares.
 *
 * @param right - the right shares
 * @param bias - how much more often than they should answers go away from zero, and up, as they were counted
 */
export function stochasticBehaviours(
  right: (place: Place) => Shares,
  bias: { readonly away: number; readonly up: number },
): StochasticBehaviour[] {
  const few = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((bits) =>
    (['A', 'C'] as const).map(
      (variant) =>
        [
          `${bits} bits ${variant}`,
          `has ${bits === 1 ? 'one random bit' : `${bits} random bits`}, and ${variant === 'A' ? 'cuts' : 'rounds'} the rest of the fraction`,
          ({ fraction }: Place) => upward(shareOf(fraction, bits, variant)),
        ] as const,
    ),
  );
  const own = [...rules, ...few];
  const biased = (name: string, text: string, by: (place: Place) => number): (typeof own)[number] => [
    name,
    text,
    ({ fraction, ...place }) =>
      upward(fraction === 0 ? 0 : Math.min(1, Math.max(0, fraction + by({ fraction, ...place })))),
  ];
  const words = (share: number): string => `${Number((100 * Math.abs(share)).toPrecision(2))} %`;
  const all = [
    ...own,
    ...own.map(
      ([name, text, shares]) =>
        [`${name} from below`, `${text}, counted from the lower neighbour up`, fromBelow(shares)] as const,
    ),
    biased(
      'biasAway',
      `goes away from zero in ${words(bias.away)} ${bias.away > 0 ? 'more' : 'fewer'} of all answers than it should`,
      () => bias.away,
    ),
    biased(
      'biasUp',
      `goes up in ${words(bias.up)} ${bias.up > 0 ? 'more' : 'fewer'} of all answers than it should`,
      ({ negative }) => (negative ? -bias.up : bias.up),
    ),
  ];
  return wheres.flatMap(([where, clause, holds]) =>
    all.map(([name, text, shares]) => ({
      name: `${name}${where}`,
      text: `${text}${clause}`,
      shares: (place: Place) => (holds(place) ? shares(place) : right(place)),
    })),
  );
}
