/**
 * Mutations as data, so that fast-check shrinks and prints them: of bytes (bit flips, cuts, length fields, splices, runs) and
 * of JSON values (a node replaced, removed, moved, nested).
 */
import fc from 'fast-check';

/** A change of bytes; places count modulo the length. */
export type ByteMutation =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'set'; readonly at: number; readonly value: number }
  | { readonly kind: 'number'; readonly at: number; readonly bytes: 1 | 2 | 4 | 8; readonly value: bigint }
  | { readonly kind: 'digits'; readonly which: number; readonly text: string }
  | { readonly kind: 'cut' | 'head'; readonly at: number }
  | { readonly kind: 'remove'; readonly at: number; readonly length: number }
  | { readonly kind: 'insert'; readonly at: number; readonly text: string }
  | { readonly kind: 'splice'; readonly at: number; readonly from: number; readonly length: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number; readonly times: number };

const place = fc.oneof(fc.nat(31), fc.nat(1023), fc.nat());
const lengths = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 300 }));
/** Borders of lengths, offsets and counts. */
const borders = [0n, 1n, 127n, 128n, 255n, 2n ** 15n, 2n ** 16n - 1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n];
const wide = [2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
const tokens =
  '- -1 0 00 1 7 1e9 1e400 -0 0.5 2147483648 9007199254740993 18446744073709551615 NaN nan inf Infinity null true {} [] "" "x" ' +
  '{ } [ ] ( ) , : " \' \\ \\u0000 \\ud800 // # = ; é \u0000 \u001b[2J __proto__ constructor';
const token = fc.constantFrom(
  ...tokens.split(' '),
  ' ',
  '\n',
  '\r',
  '\t',
  '\ufeff',
  '\u2028',
  '{"a":'.repeat(90),
  '['.repeat(90),
);

/** Any change of bytes; runs are repeated up to so many bytes. */
export function byteMutation(longest = 2 ** 14): fc.Arbitrary<ByteMutation> {
  const at = place;
  return fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }),
    fc.record({ kind: fc.constant('set' as const), at, value: fc.constantFrom(0, 1, 0x20, 0x7f, 0x80, 0xff) }),
    fc.record({
      kind: fc.constant('number' as const),
      at,
      bytes: fc.constantFrom(1, 2, 4, 8),
      value: fc.constantFrom(...borders, ...wide),
    }),
    fc.record({ kind: fc.constant('digits' as const), which: fc.nat(), text: token }),
    fc.record({ kind: fc.constantFrom('cut' as const, 'head' as const), at }),
    fc.record({ kind: fc.constant('remove' as const), at, length: lengths }),
    fc.record({ kind: fc.constant('insert' as const), at, text: token }),
    fc.record({ kind: fc.constant('splice' as const), at, from: place, length: lengths }),
    fc
      .record({ at, length: lengths, times: fc.oneof(fc.integer({ min: 2, max: 5 }), fc.constant(longest)) })
      .map(({ at: from, length, times }) => ({
        kind: 'repeat' as const,
        at: from,
        length,
        times: Math.min(times, Math.ceil(longest / length)),
      })),
  );
}

/**
 * The bytes changed.
 *
 * @param other what splices are taken from
 */
export function mutateBytes(bytes: Uint8Array, mutation: ByteMutation, other: Uint8Array): Uint8Array {
  if (mutation.kind === 'digits') return replaceDigits(bytes, mutation.which, mutation.text);
  const at = bytes.length === 0 ? 0 : mutation.at % bytes.length;
  switch (mutation.kind) {
    case 'flip':
      return changed(bytes, at, [(bytes[at] ?? 0) ^ (1 << mutation.bit)]);
    case 'set':
      return changed(bytes, at, [mutation.value]);
    case 'number': {
      const whole = new Uint8Array(BigUint64Array.of(mutation.value).buffer);
      return changed(bytes, at, whole.subarray(0, mutation.bytes));
    }
    case 'cut':
      return bytes.slice(0, at);
    case 'head':
      return bytes.slice(at);
    case 'remove':
      return join(bytes.subarray(0, at), bytes.subarray(at + mutation.length));
    case 'insert':
      return join(bytes.subarray(0, at), Buffer.from(mutation.text), bytes.subarray(at));
    case 'splice': {
      const from = other.length === 0 ? 0 : mutation.from % other.length;
      return join(bytes.subarray(0, at), other.subarray(from, from + mutation.length), bytes.subarray(at));
    }
    case 'repeat': {
      const run = bytes.subarray(at, at + mutation.length);
      return join(bytes.subarray(0, at), ...Array<Uint8Array>(mutation.times).fill(run), bytes.subarray(at));
    }
  }
}

/** One of the runs of digits, replaced: a number of a text. */
function replaceDigits(bytes: Uint8Array, which: number, text: string): Uint8Array {
  const runs = [...Buffer.from(bytes).toString('latin1').matchAll(/\d+/g)];
  const run = runs[which % Math.max(1, runs.length)];
  if (run === undefined) return bytes;
  return join(bytes.subarray(0, run.index), Buffer.from(text), bytes.subarray(run.index + run[0].length));
}

/** Bytes written over; what would lie beyond the end is left out. */
function changed(bytes: Uint8Array, at: number, written: ArrayLike<number>): Uint8Array {
  const copy = bytes.slice();
  for (let i = 0; i < written.length && at + i < copy.length; i++) copy[at + i] = written[i] as number;
  return copy;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** A change of a JSON value; nodes are numbered, and count modulo their number. */
export type DataMutation =
  | { readonly kind: 'replace'; readonly node: number; readonly value: unknown }
  | { readonly kind: 'remove' | 'double'; readonly node: number }
  | { readonly kind: 'move' | 'link'; readonly node: number; readonly from: number }
  | { readonly kind: 'rename'; readonly node: number; readonly key: string }
  | { readonly kind: 'nest'; readonly node: number; readonly depth: number };

const junk: readonly unknown[] = [
  ...[null, true, false, 0, -0, 1, -1, 2, 0.5, 3.7, 7, 31, 64, 1e9, 2 ** 31, 2 ** 53, 1e300, 5e-324, -1e308],
  ...['', ' ', 'x', '0', 'NaN', '__proto__', 'toString', '\u001b[31m', 'binary16', 'e4m3fn', 'int8', 'e8m0fnu'],
  ...['float', 'aligned', 'exact', 'tiled', 'strided', 'sequential', 'chain', 'stochastic', 'towardZero', 'wrap'],
  ...[[], {}, [[]], [null], { kind: 'float' }, { length: 3 }, ['binary16'], Array.from({ length: 300 }, () => 0)],
];

/** Any change of a JSON value; with links, parts may be shared, and may hold themselves. */
export function dataMutation(hasLinks = false): fc.Arbitrary<DataMutation> {
  const moves = hasLinks ? (['move', 'link'] as const) : (['move'] as const);
  const node = fc.nat(2000);
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('replace' as const), node, value: fc.constantFrom(...junk) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('remove' as const, 'double' as const), node }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom(...moves), node, from: fc.nat(2000) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('rename' as const),
        node,
        key: fc.constantFrom('', 'kind', 'name', 'x', '__proto__', 'constructor', 'length', 'shape'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('nest' as const), node, depth: fc.constantFrom(1, 2, 12, 70, 1000) }),
    },
  );
}

/** A place in a value: a key of what holds it. */
interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** A copy of the value, changed. */
export function mutateData(value: unknown, mutation: DataMutation): unknown {
  const root: Record<string, unknown> = { value: structuredClone(value) };
  const places = placesOf(root);
  const { holder, key } = places[mutation.node % places.length] as Place;
  switch (mutation.kind) {
    case 'replace':
      put(holder, key, mutation.value);
      break;
    case 'remove':
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 'double':
      if (Array.isArray(holder)) holder.splice(Number(key), 0, structuredClone(holder[Number(key)]));
      else put(holder, `${key} `, structuredClone(holder[key]));
      break;
    case 'move':
    case 'link': {
      const from = places[mutation.from % places.length] as Place;
      const moved = from.holder[from.key];
      put(holder, key, mutation.kind === 'link' ? moved : structuredClone(moved));
      break;
    }
    case 'rename': {
      // What stands in a list has no name.
      if (Array.isArray(holder)) break;
      const own = holder[key];
      delete holder[key];
      put(holder, mutation.key, own);
      break;
    }
    case 'nest':
      for (let i = 0; i < mutation.depth; i++) holder[key] = nested(holder[key], i);
  }
  return root.value;
}

/** Within a list, or as both parts of a reduction: what descriptions nest in. */
function nested(value: unknown, level: number): unknown {
  return level % 2 === 0 ? [value] : { kind: 'tiled', size: 2, within: value, across: 'chain' };
}

/** A key of its own, whatever it is called. */
function put(holder: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Every place in a value, once, without recursion: a value may be deep by now, or hold itself. */
function placesOf(root: Record<string, unknown>): Place[] {
  const places: Place[] = [];
  const holders = new Set([root]);
  for (const holder of holders) {
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      const inner = holder[key];
      if (typeof inner === 'object' && inner !== null) holders.add(inner as Record<string, unknown>);
    }
  }
  return places;
}
