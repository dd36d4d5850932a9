/**
 * Mutated files: every reader gives a result or a BittrueError, in bounded time and memory.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { corpora, type Item } from './corpus.ts';
import { byteMutation, dataMutation, mutateBytes, mutateData } from './mutate.ts';
import { fuzz, isTaken } from './watch.ts';

/** How many files were read, and how many were refused. */
export interface Reads {
  readonly read: number;
  readonly refused: number;
}

const bytesOf = (inner: Item['inner']): Uint8Array =>
  inner instanceof Uint8Array ? inner : new Uint8Array(Buffer.from(JSON.stringify(inner.json) ?? 'undefined'));

/** Reads mutated files of one reader for so many seconds. */
export function fuzzReader(reader: string, seconds: number, longest?: number): Reads {
  const items = corpora[reader]!();
  const originals = items.map(({ inner, wrap }) => wrap(bytesOf(inner)));
  for (const [i, { name, read }] of items.entries()) {
    expect(
      isTaken(() => read(originals[i]!), originals[i]!.length),
      `${reader}: ${name}, unchanged`,
    ).toBe(true);
  }
  const few = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
    fc.oneof(fc.constant<T[]>([]), fc.array(one, { minLength: 1, maxLength: 1 }), fc.array(one, { maxLength: 4 }));
  const change = byteMutation(longest);
  const cases = fc.record({
    item: fc.nat(items.length - 1),
    other: fc.nat(items.length - 1),
    data: few(dataMutation()),
    inner: few(change),
    outer: few(change),
  });
  let read = 0;
  let refused = 0;
  fuzz(seconds, cases, ({ item, other, data, inner, outer }) => {
    const own = items[item]!;
    const donor = originals[other]!;
    const content = own.inner instanceof Uint8Array ? own.inner : { json: data.reduce(mutateData, own.inner.json) };
    const body = inner.reduce((bytes, mutation) => mutateBytes(bytes, mutation, donor), bytesOf(content));
    const file = outer.reduce((bytes, mutation) => mutateBytes(bytes, mutation, donor), own.wrap(body));
    if (isTaken(() => own.read(file), file.length)) read += 1;
    else refused += 1;
  });
  return { read, refused };
}
