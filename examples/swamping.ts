/**
 * Swamping: a running sum in FP16 stops growing long before it overflows, and no scale cures that. The order does.
 *
 * 4096 squares of 1 add up to 2048 in a chain: from there 2048 + 1 rounds back to 2048. Tiles of 64 get 4096.
 *
 *     npm run example swamping
 */
import { rmsNorm } from 'bittrue';
import { describeEvent } from 'bittrue/reports';
import { fp16, fp16Tile64 } from 'bittrue/targets';

const width = 4096;
const x = new Float64Array(width).fill(1);

for (const target of [fp16, fp16Tile64]) {
  for (const scale of [1, 1 / 64]) {
    const { output, report } = rmsNorm(x, { rows: 1, width, target, scale });
    const { absorption } = report.counts.squareSum;
    console.log(`${target.name}, scale ${scale}: ${absorption} addends lost, output ${output[0]} (exact: 0.999995)`);
    if (report.first.absorption) console.log(`  first: ${describeEvent(report.first.absorption)}`);
  }
}
