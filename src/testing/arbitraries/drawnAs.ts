/**
 * Values drawn by one arbitrary and shrunk by another.
 *
 * @module
 */
import fc from 'fast-check';

/** Values of one arbitrary, which may have its favourites; wherever they lie they shrink as values of the other. */
export function drawnAs(drawn: fc.Arbitrary<number>, all: fc.Arbitrary<number>): fc.Arbitrary<number> {
  return new DrawnAs(drawn, all);
}

class DrawnAs extends fc.Arbitrary<number> {
  private readonly drawn: fc.Arbitrary<number>;
  private readonly all: fc.Arbitrary<number>;

  constructor(drawn: fc.Arbitrary<number>, all: fc.Arbitrary<number>) {
    super();
    this.drawn = drawn;
    this.all = all;
  }

  override generate(random: fc.Random, biasFactor: number | undefined): fc.Value<number> {
    return new fc.Value(this.drawn.generate(random, biasFactor).value, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is number {
    return this.all.canShrinkWithoutContext(value);
  }

  override shrink(value: number, context: unknown): fc.Stream<fc.Value<number>> {
    return this.all.shrink(value, context);
  }
}
