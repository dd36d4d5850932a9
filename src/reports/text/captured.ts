/**
 * What belongs to captured inputs, in words.
 *
 * @module
 */
import type { GraphCheck } from '../../studies/index.ts';

/** Inputs and tensors that are told by name; --json has all. */
const MOST = 12;

/** What {@link GraphCheck} says of a capture. */
type Captured = NonNullable<GraphCheck['captured']>;

/** A line an input that something belongs to; then what nothing read. */
export function capturedLines({ inputs, unread, withoutWeights, model }: Captured): string[] {
  const told = inputs.map(operandWords).filter((line) => line !== null);
  const more = told.length > MOST ? [`  and ${told.length - MOST} more, in the data`] : [];
  const from = model === null ? '' : ` (${model.read} of ${model.tensors} tensors of ${model.name} were read)`;
  return [
    ...(told.length === 0 ? [] : [`what belongs to them${from}:`, ...told.slice(0, MOST), ...more]),
    ...named('linear layers that did not run: their weights are not there (--model FOLDER)', withoutWeights),
    ...named('tensors that nothing read', unread),
  ];
}

function named(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > MOST ? ` and ${names.length - MOST} more` : '';
  return [`${what} (${names.length}): ${names.slice(0, MOST).join(', ')}${more}`];
}

function operandWords(input: Captured['inputs'][number]): string | null {
  const { name, kernel, epsilon, epsilonFrom, gamma, beta, weight, plusOne, inOut, causal } = input;
  const words = [
    ...(epsilon === null ? [] : [`ε ${epsilon} (${sources[epsilonFrom ?? 'default']})`]),
    ...(kernel !== 'layerNorm' && kernel !== 'rmsNorm'
      ? []
      : [gamma === null ? 'no γ' : `γ ${plusOne ? '1 + ' : ''}${gamma.name}`]),
    ...(kernel === 'layerNorm' ? [beta === null ? 'no β' : `β ${beta.name}`] : []),
    ...(weight === null ? [] : [`weight ${weight.name}${inOut ? ' [in, out]' : ''}`]),
    ...(causal ? ['causal'] : []),
  ];
  return words.length === 0 ? null : `  ${name}: ${kernel}, ${words.join(', ')}`;
}

const sources = { option: 'as given', capture: 'of the capture', config: 'config.json', default: 'default' } as const;
