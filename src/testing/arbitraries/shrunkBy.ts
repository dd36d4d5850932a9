/**
 * Values drawn by one arbitrary that shrink by another rule than its own.
 *
 * @module
 */
import fc from 'fast-check';

/** How values shrink. */
export interface Shrinking<T> {
  /** Whether something may be shrunk that was not drawn here, such as an example. */
  readonly isValue: (value: unknown) => value is T;
  /** Simpler values, the boldest first. `context`: what the value came with, if it came from here. */
  readonly shrink: (value: T, context: unknown) => fc.Stream<fc.Value<T>>;
}

/** Values of one arbitrary; how they were drawn plays no part in how they shrink. */
export function shrunkBy<Drawn, T>(
  drawn: fc.Arbitrary<Drawn>,
  made: (value: Drawn) => T,
  shrinking: Shrinking<T>,
): fc.Arbitrary<T> {
  return new ShrunkBy(drawn, made, shrinking);
}

/** Values of one arbitrary, which may have its favourites; wherever they lie they shrink as values of the other. */
export function drawnAs(drawn: fc.Arbitrary<number>, all: fc.Arbitrary<number>): fc.Arbitrary<number> {
  return shrunkBy(drawn, (x) => x, {
    isValue: (value): value is number => all.canShrinkWithoutContext(value),
    shrink: (value, context) => all.shrink(value, context),
  });
}

class ShrunkBy<Drawn, T> extends fc.Arbitrary<T> {
  private readonly drawn: fc.Arbitrary<Drawn>;
  private readonly made: (value: Drawn) => T;
  private readonly shrinking: Shrinking<T>;

  constructor(drawn: fc.Arbitrary<Drawn>, made: (value: Drawn) => T, shrinking: Shrinking<T>) {
    super();
    this.drawn = drawn;
    this.made = made;
    this.shrinking = shrinking;
  }

  override generate(random: fc.Random, biasFactor: number | undefined): fc.Value<T> {
    return new fc.Value(this.made(this.drawn.generate(random, biasFactor).value), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is T {
    return this.shrinking.isValue(value);
  }

  override shrink(value: T, context: unknown): fc.Stream<fc.Value<T>> {
    return this.shrinking.shrink(value, context);
  }
}
