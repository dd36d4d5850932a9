/**
 * Bounds and widths in a few lines.
 *
 * @module
 */
import type { Bounds, Fit, MinimalAccumulator, OperandFit } from '../../bounds/index.ts';
import { checkSchema } from '../../errors/index.ts';
import { describeEvent } from './event.ts';
import { checkLook, paint, type RenderOptions, wrap } from './layout.ts';

/**
 * A verdict as text: one line, and the witness on a second one.
 *
 * @example
 * import { bounds } from 'bittrue/bounds';
 * import { formatBounds } from 'bittrue/reports';
 * const inputs = { kind: 'intervals', low: -1, high: 1 } as const;
 * formatBounds(bounds({ kernel: 'sum', width: 2048, inputs, target: 'fp16' })).split(';')[0]; // 'sum: proved'
 */
export function formatBounds(bounds: Bounds, options: RenderOptions = {}): string {
  checkLook(options);
  checkSchema('bounds', bounds, ['bounds/1']);
  const { kernel, verdict, claim, bound, headroomBits, reason, witness, channels, operands } = bounds;
  const claimed = verdict === 'proved' && claim === 'sameResult' ? ' (same result)' : '';
  const room = headroomBits === Infinity ? 'nothing to hold' : `${headroomBits.toFixed(2)} bits of room`;
  const many = channels.length > 1 ? `, ${countOf(bounds)} of ${channels.length} channels` : '';
  const lines = [
    `${kernel}: ${verdict}${claimed}${many}; at most ${brief(bound)} in the accumulator, ${room}`,
    `  ${reason}`,
  ];
  if (witness !== undefined) {
    const where = channels.length > 1 ? `channel ${witness.channel}, ` : '';
    lines.push(`  witness: ${where}x = ${rowText(witness.x)}`, `  ${describeEvent(witness.event)}`);
  }
  if (operands !== undefined) for (const line of operandLines(operands, options)) lines.push(line);
  return lines.flatMap((line) => wrap(line, '    ', options)).join('\n');
}

function countOf({ verdict, channels }: Bounds): number {
  return channels.filter((channel) => channel.verdict === verdict).length;
}

function brief(x: number): string {
  return String(Number(x.toPrecision(9)));
}

/** A row in runs of equal numbers. */
function rowText(x: Float64Array): string {
  const runs: string[] = [];
  for (let k = 0; k < x.length; ) {
    let end = k + 1;
    while (end < x.length && Object.is(x[end], x[k])) end += 1;
    runs.push(end - k === 1 ? brief(x[k] as number) : `${brief(x[k] as number)} × ${end - k}`);
    k = end;
    if (runs.length === 6 && k < x.length) return `[${runs.join(', ')}, …]`;
  }
  return `[${runs.join(', ')}]`;
}

/**
 * The narrowest accumulator in one line for integers, a line for each float, and the unit with what it does not read as given.
 *
 * @example
 * import { minimalAccumulator } from 'bittrue/bounds';
 * import { formatAccumulator } from 'bittrue/reports';
 * const inputs = { kind: 'format', format: 'uint8' } as const;
 * const weights = Array(128).fill(1);
 * const text = formatAccumulator(minimalAccumulator({ weights, n: 1, inputs, target: 'avx512Vnni:vpdpbusd' }));
 * text.split('\n')[0]; // '16 bits proved for 1 channel of 128 products; not measured; 32 in the unit: 16 saved'
 * text.split('\n')[1]; // '  on avx512Vnni:vpdpbusd: inputs in uint8, weights in int8'
 */
export function formatAccumulator(answer: MinimalAccumulator, options: RenderOptions = {}): string {
  checkLook(options);
  checkSchema('answer', answer, ['minimal-accumulator/1']);
  const { integer, float, width, operands } = answer;
  const lines: string[] = [];
  if (integer !== null) {
    const { proved, measured, present } = integer;
    const channels = proved.channels.length === 1 ? '1 channel' : `${proved.channels.length} channels`;
    const onData = measured === null ? 'not measured' : `${measured.layer} measured on the data`;
    const saved = present === null ? '' : `; ${present} in the unit: ${present - proved.layer} saved`;
    lines.push(`${proved.layer} bits proved for ${channels} of ${width} products; ${onData}${saved}`);
    if (proved.channels.length > 1)
      lines.push(
        `  by channel: ${spread(proved.channels)} proved${measured === null ? '' : `, ${spread(measured.channels)} measured`}`,
      );
  }
  if (float.candidates.length > 0) {
    lines.push(
      `float: ${float.proved ?? 'none'} proved${float.candidates[0]?.overflows === null ? '' : `, ${float.measured ?? 'none'} measured`}`,
    );
    for (const { format, bits, verdict, overflows, sqnr, absorbed, isKept } of float.candidates) {
      const measured =
        overflows === null
          ? ''
          : `; ${overflows} overflows, SQNR ${sqnr === null ? '–' : sqnr === Infinity ? 'exact' : `${sqnr.toFixed(1)} dB`}, ${((absorbed ?? 0) * 100).toFixed(1)} % absorbed`;
      lines.push(`  ${format} (${bits} bits): ${verdict}${measured}${isKept === false ? '; below what is asked' : ''}`);
    }
    if (float.candidates.some(({ absorbed }) => absorbed !== null)) {
      lines.push('  (absorbed: additions that leave no trace of their addend in the sum)');
    }
  }
  for (const line of operandLines(operands, options)) lines.push(line);
  return lines.flatMap((line) => wrap(line, '    ', options)).join('\n');
}

/** The unit, and what it does not read as it is given. */
function operandLines({ unit, weights, inputs, data }: OperandFit, options: RenderOptions): string[] {
  const { low, high, loadedLow, loadedHigh } = inputs;
  const lines = [`  on ${unit}: inputs in ${inputs.format}, weights in ${weights.format}`];
  const loud = (text: string): void => void lines.push(`  ${paint('red', text, options)}`);
  const changed = changedText('weights', weights);
  if (changed !== null) loud(changed);
  if (loadedLow > low || loadedHigh < high) {
    loud(
      `inputs from ${brief(low)} to ${brief(high)} are clipped to ${brief(loadedLow)} to ${brief(loadedHigh)} in ${inputs.format}`,
    );
  }
  if (data !== null) {
    const lost = changedText('numbers of the data', data);
    if (lost !== null) loud(lost);
    if (data.outside > 0) {
      loud(
        `${data.outside} of ${data.count} numbers of the data lie outside the set of inputs, the farthest is ` +
          `${brief(data.farthest ?? 0)}: the proof does not hold for them`,
      );
    }
  }
  return lines;
}

/** How many numbers a format changes, and the one that changes most. */
function changedText(what: string, { format, count, changed, clipped, most }: Fit): string | null {
  if (most === null) return null;
  const how = clipped === 0 ? 'rounded' : clipped === changed ? 'clipped' : `rounded, ${clipped} of them clipped,`;
  return `${changed} of ${count} ${what} are ${how} to ${format}, most of all ${brief(most.from)} to ${brief(most.to)}`;
}

function spread(widths: readonly number[]): string {
  const [least, most] = [widths.reduce((a, b) => Math.min(a, b)), widths.reduce((a, b) => Math.max(a, b))];
  return least === most ? `${least}` : `${least} to ${most}`;
}
