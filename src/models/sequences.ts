/**
 * Token sequences and their checks.
 *
 * @module
 */
import { BittrueError, checkList } from '../errors/index.ts';
import type { ModelConfig } from './families/family.ts';

/** Token ids of one sequence. */
export type Tokens = ArrayLike<number>;

/** Refuses sequences of another length than `shortest`…`longest`, and tokens outside the vocabulary. */
export function checkSequences(
  sequences: readonly Tokens[],
  config: ModelConfig,
  shortest: number,
  longest: number,
): void {
  checkList('sequences', sequences);
  sequences.forEach((sequence: Tokens, s) => {
    const argument = `sequences[${s}]`;
    if (!Number.isInteger(sequence?.length)) throw new BittrueError('type', argument, sequence, 'an array of tokens');
    if (sequence.length < shortest || sequence.length > longest) {
      throw new BittrueError('shape', argument, `${sequence.length} tokens`, `${shortest}…${longest} tokens`);
    }
    for (let p = 0; p < sequence.length; p++) {
      const token = sequence[p];
      if (!Number.isInteger(token) || token < 0 || token >= config.vocabulary) {
        throw new BittrueError('range', `${argument}[${p}]`, token, `a token in 0…${config.vocabulary - 1}`);
      }
    }
  });
}
