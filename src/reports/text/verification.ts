/**
 * The comparison of another implementation's table with ours, as text.
 *
 * @module
 */
import { checkMade, printableData } from '../../errors/index.ts';
import type { VectorDifference, VectorResult, Verification } from '../../testing/conformance/index.ts';
import { count, percent, size, value } from '../numbers.ts';
import { checkLook, paint, type RenderOptions, table, wrap } from './layout.ts';

/**
 * How many rows differ, the first of them, and what the other implementation seems to do.
 *
 * @example
 * import { formatVerification } from 'bittrue/reports';
 * import { verifyVectors } from 'bittrue/testing';
 * const found = verifyVectors({ format: 'e4m3fn', operation: 'cast', vectors: '449,448\n1000,448\n' });
 * formatVerification(found).split('\n')[0]; // 'e4m3fn cast from binary64, tiesToEven: 1 of 2 rows differs'
 */
export function formatVerification(found: Verification, options: RenderOptions = {}): string {
  checkMade(
    'found',
    found,
    ['rows', 'differing', 'first', 'diagnosis', 'unexplained', 'ok'],
    'what verifyVectors gives',
  );
  checkLook(options);
  const shown = printableData(found);
  const { rows, mismatches, undefinedRows, differing, first, ok, from, isFromDefault } = shown;
  const verb = mismatches === 1 ? 'differs' : 'differ';
  const outcome = ok ? 'no difference' : `${mismatches} of ${count(rows, 'row')} ${verb}`;
  const head = wrap(
    `${title(shown)}: ${paint(ok ? 'green' : 'red', ok ? `${outcome} in ${count(rows, 'row')}` : outcome, options)}`,
    '  ',
    options,
  );
  const left =
    undefinedRows === 0
      ? []
      : wrap(`${count(undefinedRows, 'row')} not compared: the policy defines no result there`, '  ', options);
  if (ok) return [...head, ...left].join('\n');
  return [
    ...head,
    ...left,
    `in value ${differing.value}, in the code of a NaN ${differing.nan}, in flags alone ${differing.flags}`,
    ...(isFromDefault ? [`operands read as ${from}, the default: --from names another format`] : []),
    ...(first.length > 0 ? ['', ...differences(first, options)] : []),
    '',
    ...diagnosis(shown, options),
  ].join('\n');
}

function title({ format, operation, from, rounding, profile }: Verification): string {
  const source = operation === 'cast' ? ` from ${from}` : '';
  return `${format} ${operation}${source}, ${profile === null ? '' : `profile ${profile}, `}${rounding}`;
}

function differences(first: readonly VectorDifference[], options: RenderOptions): string[] {
  const columns = [
    { title: 'line' },
    { title: 'operands', align: 'left' },
    { title: 'theirs', align: 'left' },
    { title: 'ours', align: 'left' },
    { title: 'as if', align: 'left' },
  ] as const;
  const cells = first.map(({ line, inputs, operands, theirs, ours, explanations }) => [
    String(line),
    // Codes say all; a number beside them fits where there is one operand.
    inputs.length === 1 ? `${value(inputs[0] as number)} (${operands[0]})` : operands.join(' '),
    result(theirs),
    result(ours),
    (explanations[0] ?? '') + (explanations.length > 1 ? ', …' : ''),
  ]);
  return table(columns, cells, options);
}

function result({ value: x, code, flags }: VectorResult): string {
  const raised = flags === null ? '' : ` ${flags.join('+') || 'exact'}`;
  return `${Object.is(x, -0) ? '-0' : size(x)}${code === null ? ' (no value)' : ` (${code})`}${raised}`;
}

const certainty = {
  all: 'That implementation',
  most: 'That implementation mostly',
  some: 'In part, that implementation',
};

function diagnosis(
  { diagnosis: found, mismatches, rows, undefinedRows, unexplained }: Verification,
  options: RenderOptions,
): string[] {
  if (found === null) return ['No known deviation explains any of the differences.'];
  const { behaviours, alternatives, explained, differing, contradicted, equal, verdict } = found;
  const lines = behaviours.flatMap(({ name, text }) =>
    wrap(`- ${paint('bold', text, options)} (${name})`, '  ', options),
  );
  const share = `explains ${explained} of ${count(differing, 'difference')} (${percent(explained / differing)})`;
  const against = contradicted === 0 ? '' : `, but would change ${contradicted} of ${equal} equal rows`;
  const isWhole = differing === mismatches && equal === rows - mismatches - undefinedRows;
  const tried = isWhole ? [] : [`(tried on ${differing} rows that differ and ${equal} that are equal, evenly spaced)`];
  const also = alternatives.length === 0 ? [] : wrap(`as good as the first: ${alternatives.join(', ')}`, '  ', options);
  const facts = [share + against, ...tried].flatMap((fact) => wrap(fact, '  ', options));
  const left = unexplained === null ? [] : ['not explained:', ...differences([unexplained], options)];
  return [`${certainty[verdict]}:`, ...lines, ...facts, ...also, ...left];
}
