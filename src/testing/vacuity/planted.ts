/**
 * Kernels that are wrong on purpose.
 *
 * @module
 */

/** A kernel, as a function of its operands; a right one. */
export type Reference = (...operands: Float64Array[]) => ArrayLike<number>;

/** A kernel that is wrong on purpose. */
export interface PlantedKernel {
  /** `zeros`, `ignoresOperand1`, `doubled`, … */
  readonly name: string;
  /** What it does: `gives zeros whatever it is given`. */
  readonly text: string;
}

/** One of them, made of the right kernel. */
export interface Planted extends PlantedKernel {
  readonly make: (reference: Reference) => (...operands: Float64Array[]) => ArrayLike<number>;
}

/** The kernels that are wrong on purpose, for so many operands. */
export function plantedKernels(operands: readonly Float64Array[]): Planted[] {
  const changed = (name: string, text: string, change: (operands: Float64Array[]) => Float64Array[]): Planted => ({
    name,
    text,
    make:
      (reference) =>
      (...given) =>
        reference(...change(given)),
  });
  const output = (name: string, text: string, change: (results: Float64Array) => ArrayLike<number>): Planted => ({
    ...{ name, text },
    make:
      (reference) =>
      (...given) =>
        change(Float64Array.from(reference(...given))),
  });
  const backwards = (one: Float64Array): Float64Array => one.slice().reverse();
  const each = operands.flatMap((_, n) => {
    const put = (change: (one: Float64Array) => Float64Array) => (given: Float64Array[]) =>
      given.map((one, i) => (i === n ? change(one) : one));
    return [
      changed(
        `ignoresOperand${n}`,
        `reads operand ${n} as zeros`,
        put((one) => one.map(() => 0)),
      ),
      changed(
        `onesForOperand${n}`,
        `reads operand ${n} as ones`,
        put((one) => one.map(() => 1)),
      ),
      changed(
        `ignoresLastOf${n}`,
        `leaves out the last element of operand ${n}`,
        put((one) => one.map((x, i) => (i === one.length - 1 ? 0 : x))),
      ),
      changed(`reverses${n}`, `reads operand ${n} backwards`, put(backwards)),
      changed(
        `shifts${n}`,
        `reads operand ${n} one element late`,
        put((one) => one.map((_, i) => one[(i + one.length - 1) % one.length] as number)),
      ),
      changed(
        `withoutSigns${n}`,
        `leaves out the signs of operand ${n}`,
        put((one) => one.map(Math.abs)),
      ),
    ];
  });
  const isSquare = operands.length > 1 && operands[0]?.length === operands[1]?.length;
  return [
    output('zeros', 'gives zeros whatever it is given', (results) => results.map(() => 0)),
    output('constant', 'gives the mean of the right results everywhere', (results) => {
      const mean = results.reduce((sum, x) => sum + x, 0) / Math.max(1, results.length);
      return results.map(() => mean);
    }),
    output('doubled', 'gives twice the right results', (results) => results.map((x) => 2 * x)),
    output('halved', 'gives half of the right results', (results) => results.map((x) => x / 2)),
    output('negated', 'gives the right results with the other sign', (results) => results.map((x) => -x)),
    output('backwards', 'gives the right results in reverse order', backwards),
    {
      name: 'otherOrder',
      text: 'goes through all elements from the last to the first: each result is in its place, its sum in the other order',
      make:
        (reference) =>
        (...given) =>
          backwards(Float64Array.from(reference(...given.map(backwards)))),
    },
    ...(isSquare
      ? [
          changed(
            'swapped',
            'takes the first two operands for each other',
            ([p, q, ...rest]) => [q, p, ...rest] as Float64Array[],
          ),
        ]
      : []),
    ...each,
  ];
}
