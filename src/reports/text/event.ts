/**
 * An event in words.
 *
 * @module
 */
import { checkMade, checkObject, printableData } from '../../errors/index.ts';
import type { NumericEvent } from '../../events/index.ts';
import { digits, value } from '../numbers.ts';

/** How long the words are. */
export interface EventWords {
  /** Leave out the exact result, and what `masked` means. Default false. */
  readonly brief?: boolean;
}

/**
 * One event in words: where, what, the exact result, and whether the output shows it.
 *
 * @example
 * import { rmsNorm } from 'bittrue/kernels';
 * import { describeEvent } from 'bittrue/reports';
 * import { fp16 } from 'bittrue/targets';
 * const { report } = rmsNorm(new Float64Array(64).fill(100), { rows: 1, width: 64, target: fp16 });
 * const words = describeEvent(report.first.overflow!);
 * words.split(' (')[0]; // 'row 0, squareSum, step 6: 59968 + 10000 -> Infinity'
 */
export function describeEvent(event: NumericEvent, words: EventWords = {}): string {
  checkMade(
    'event',
    event,
    ['row', 'stage', 'step', 'operation', 'operands', 'result', 'kind'],
    'an event of a report',
  );
  checkObject('words', words, ['brief']);
  const { brief = false } = words;
  const { row, stage, index, step, operation, operands, exact, result, kind, masked } = printableData(event);
  const place = [row < 0 ? 'once a call' : `row ${row}`, stage];
  if (index !== null && index !== step) place.push(`element ${index}`);
  place.push(`step ${step}`);
  let told = `${place.join(', ')}: ${expression(operation, operands.map(value))} -> ${value(result)}`;
  if (!brief && exact !== null && exact !== value(result)) told += ` (exact ${digits(exact)})`;
  if (masked === true)
    told += brief ? ', masked' : `, masked: the output shows no ${kind === 'invalid' ? 'NaN' : 'Inf'}`;
  return told;
}

function expression(operation: NumericEvent['operation'], [a = '', b = '', c = '']: readonly string[]): string {
  switch (operation) {
    case 'add':
    case 'integerAdd':
      return `${a} + ${closed(b)}`;
    case 'subtract':
      return `${a} - ${closed(b)}`;
    case 'multiply':
      return `${a} × ${closed(b)}`;
    case 'divide':
      return `${a} / ${closed(b)}`;
    case 'fusedMultiplyAdd':
    case 'integerMultiplyAdd':
      return `${a} × ${closed(b)} + ${closed(c)}`;
    case 'quantize':
      return `(${a} - ${closed(b)}) / ${closed(c)}`;
    case 'squareRoot':
      return `√${closed(a)}`;
    case 'reciprocalSquareRoot':
      return `1/√${closed(a)}`;
    case 'exponential':
      return `exp(${a})`;
    case 'scaleByPowerOfTwo':
      return `${a} × 2^${closed(b)}`;
    case 'round':
    case 'clamp':
    case 'exactSum':
    case 'alignedSum':
      return `${operation} ${a}`;
    default:
      return `${operation}(${a})`;
  }
}

/** A negative operand after an operator in brackets. */
function closed(text: string): string {
  return text.startsWith('-') ? `(${text})` : text;
}
