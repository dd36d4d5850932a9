/** JavaScript as a client: how does `Array.prototype.reduce` add binary32 numbers? `node reduce.mjs`. */
import { identifySum } from 'bittrue/identification';

/**
 * A function of rows of codes, as `identifySum` asks it.
 *
 * @param {import('bittrue/identification').SumRows} asked
 */
export function chip({ rows, n, x }) {
  const numbers = new Float32Array(Uint32Array.from(x, Number).buffer);
  const sums = Float32Array.from({ length: rows }, (_, r) =>
    Array.from(numbers.subarray(r * n, (r + 1) * n)).reduce((sum, one) => Math.fround(sum + one), 0),
  );
  return new Uint32Array(sums.buffer);
}

if (process.argv[1]?.endsWith('reduce.mjs')) console.log(identifySum(chip, { n: 8, format: 'binary32' }));
