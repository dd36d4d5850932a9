/**
 * npm's binary16 packages as peers: on which inputs they differ from the oracle, and how often. `findings.json` records
 * what was found; a change of either side shows here. No wrong result is as much a finding as many.
 *
 * fp16 goes through binary32, so whatever lies beside a midpoint of binary16 by less than binary32 can tell is rounded
 * twice; and a number too small for it is written at offset 0, wherever it was to go. @petamoriken/float16 rounds once.
 * binary64 holds every sum, and a · b + c, of binary16 that matters to the last place, so there one rounding more is
 * harmless: bfloat16's a · b + c is another matter (see `sweepsRandomNamed.test.ts`).
 */
import { f16round, getFloat16 as getOfFloat16, setFloat16 as setOfFloat16 } from '@petamoriken/float16';
import { getFloat16 as getOfFp16, setFloat16 as setOfFp16 } from 'fp16';
import { describe, expect, it } from 'vitest';
import { createUnit } from '../../src/arithmetic/index.ts';
import { binary16 } from '../../src/formats/index.ts';
import { decode, encode, resolvePolicy, round } from '../../src/rounding/index.ts';
import { oracleRound } from '../../src/testing/oracle/round.ts';
import { Operands } from '../arithmetic/sweeps/biased.ts';
import { edgesOf } from '../testing/helpers.ts';
import findings from './findings.json' with { type: 'json' };

interface Finding {
  readonly cases: number;
  readonly wrong: number;
  /** How many of the wrong results are those of rounding to binary32 first. */
  readonly doublyRounded: number;
  /** The first few wrong ones: input, its result, the right one. */
  readonly examples: readonly string[];
}

interface Peer {
  readonly name: keyof typeof findings;
  readonly round: (x: number) => number;
  readonly get: (view: DataView, offset: number) => number;
  readonly set: (view: DataView, offset: number, x: number) => void;
}

const two = new DataView(new ArrayBuffer(2));
const peers: Peer[] = [
  {
    name: 'fp16@1.0.0',
    round: (x) => {
      setOfFp16(two, 0, x);
      return getOfFp16(two, 0);
    },
    get: getOfFp16,
    set: setOfFp16,
  },
  { name: '@petamoriken/float16@3.9.3', round: f16round, get: getOfFloat16, set: setOfFloat16 },
];

/** Compares on every input; `viaBinary32` says what rounding twice would give. */
function compare<T>(
  inputs: Iterable<T>,
  found: (input: T) => number,
  wanted: (input: T) => number,
  viaBinary32: (input: T) => number = () => Number.NaN,
): Finding {
  const examples: string[] = [];
  let [cases, wrong, doublyRounded] = [0, 0, 0];
  for (const input of inputs) {
    cases += 1;
    const [theirs, right] = [found(input), wanted(input)];
    if (Object.is(theirs, right)) continue;
    wrong += 1;
    if (Object.is(theirs, viaBinary32(input))) doublyRounded += 1;
    const shown = (x: number): string => (Object.is(x, -0) ? '-0' : String(x));
    if (examples.length < 3)
      examples.push(`${[input].flat().map(Number).map(shown).join(', ')}: ${shown(theirs)}, not ${shown(right)}`);
  }
  return { cases, wrong, doublyRounded, examples };
}

const policy = resolvePolicy(binary16);
const edges = edgesOf(binary16);
const judged = new Map(edges.map((x) => [x, oracleRound(binary16, policy, x).value]));
const codes = Array.from({ length: 65536 }, (_, code) => code);

const fpu = createUnit({ format: binary16 });
const operands = new Operands(binary16, 16);
/** Values of binary16. */
const drawn = (draw: () => number[]): number[][] =>
  Array.from({ length: 200_000 }, () => draw().map((x) => round(binary16, x)));
const pairs = drawn(() => operands.two('sum'));
const quotients = drawn(() => operands.two('quotient'));
const triples = drawn(() => operands.three());

describe.each(peers)('$name', ({ name, round: theirs, get, set }) => {
  const check = (what: string, finding: Finding): void => {
    const recorded: Record<string, unknown> = findings[name];
    expect({ [what]: finding }).toEqual({ [what]: recorded[what] });
  };

  it('rounds values, midpoints and their binary64 neighbours', () => {
    // −0 and 0 are one key of a map: both round to themselves.
    const right = (x: number): number => (x === 0 ? x : judged.get(x)!);
    check(
      'round',
      compare(edges, theirs, right, (x) => round(binary16, Math.fround(x))),
    );
  });

  it('reads codes', () => {
    const view = new DataView(new ArrayBuffer(2));
    const read = (code: number): number => {
      view.setUint16(0, code);
      return get(view, 0);
    };
    check(
      'decode',
      compare(codes, read, (code) => decode(binary16, code)),
    );
  });

  it('writes codes at the place asked for', () => {
    const written = (x: number): number => {
      const view = new DataView(new ArrayBuffer(8));
      set(view, 4, x);
      return view.getUint16(4) + 65536 * (view.getUint32(0) === 0 ? 0 : 1);
    };
    const twice = (x: number): number => encode(binary16, Math.fround(x));
    check(
      'encode',
      compare(edges, written, (x) => encode(binary16, x), twice),
    );
  });

  it('rounds the binary64 result of an operation', () => {
    const via = (x: number): number => round(binary16, Math.fround(x));
    check(
      'add',
      compare(
        pairs,
        ([a, b]) => theirs(a! + b!),
        ([a, b]) => fpu.add(a!, b!),
        ([a, b]) => via(a! + b!),
      ),
    );
    check(
      'multiply',
      compare(
        pairs,
        ([a, b]) => theirs(a! * b!),
        ([a, b]) => fpu.multiply(a!, b!),
        ([a, b]) => via(a! * b!),
      ),
    );
    check(
      'divide',
      compare(
        quotients,
        ([a, b]) => theirs(a! / b!),
        ([a, b]) => fpu.divide(a!, b!),
        ([a, b]) => via(a! / b!),
      ),
    );
    check(
      'squareRoot',
      compare(
        pairs,
        ([a]) => theirs(Math.sqrt(a!)),
        ([a]) => fpu.squareRoot(a!),
        ([a]) => via(Math.sqrt(a!)),
      ),
    );
  });

  it('rounds a · b + c of binary64', () => {
    check(
      'multiply and add',
      compare(
        triples,
        ([a, b, c]) => theirs(a! * b! + c!),
        ([a, b, c]) => fpu.fusedMultiplyAdd(a!, b!, c!),
        ([a, b, c]) => round(binary16, Math.fround(a! * b! + c!)),
      ),
    );
  });
});
