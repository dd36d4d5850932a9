/**
 * Whether elements of a block stand in other places than their own.
 *
 * @module
 */
import type { BlockFormat } from '../../formats/blockFormat.ts';
import type { BlockRecipe } from '../../quantization/index.ts';
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import type { Operand } from '../conformance/operand.ts';
import { rightElement, type Seen } from './blockElements.ts';
import type { Check, Explained } from './check.ts';

/** Places at which elements might stand instead of their own. */
const permutations: readonly (readonly [string, string, (i: number, size: number) => number])[] = [
  ['swappedNeighbours', 'swaps neighbours: two codes of a byte stand in the other order', (i) => i ^ 1],
  ['reversed', 'writes elements backwards', (i, size) => size - 1 - i],
  ['late', 'writes elements one place late', (i, size) => (i + 1) % size],
  ['early', 'writes elements one place early', (i, size) => (i + size - 1) % size],
  ['halvesApart', 'writes the two halves of a block by turns', (i, size) => (i < size / 2 ? 2 * i : 2 * i - size + 1)],
  ['evenFirst', 'writes even places first, then odd ones', (i, size) => (i % 2 === 0 ? i / 2 : (size + i - 1) / 2)],
];

/** Whole blocks as they were answered, for the question whether elements stand in other places. */
export class Orders {
  private readonly size: number;
  private readonly blocks: { readonly pack: readonly (readonly Operand[])[]; readonly elements: readonly number[] }[] =
    [];

  constructor(size: number) {
    this.size = size;
  }

  add(pack: readonly (readonly Operand[])[], elements: readonly number[]): void {
    if (this.blocks.length < 400 && pack.length === this.size - 1) this.blocks.push({ pack, elements });
  }

  /** The order under which nearly every element is right, and how many are not; null where there is none. */
  found(
    right: (operands: readonly Operand[]) => CodeOutcome | null,
  ): { readonly name: string; readonly text: string } | null {
    const cases = this.blocks.reduce((sum, { pack }) => sum + pack.length, 0);
    for (const [name, text, place] of permutations) {
      let wrong = 0;
      for (const { pack, elements } of this.blocks) {
        pack.forEach((operands, i) => {
          if (elements[place(i + 1, this.size)] !== right(operands)?.value) wrong += 1;
        });
      }
      if (cases > 0 && wrong < cases / 10) return { name, text };
    }
    return null;
  }
}

/** A check whose wrong answers are right ones in other places. */
export function reordered(
  check: Check,
  orders: Orders,
  format: BlockFormat,
  recipe: BlockRecipe | undefined,
  seen: Seen,
): Check {
  if (check.ok) return check;
  const found = orders.found(rightElement(format, recipe, seen));
  if (found === null) return check;
  const { wrong, cases } = check;
  const diagnosis: Explained = {
    behaviours: [found],
    alternatives: [],
    explained: wrong,
    differing: wrong,
    contradicted: 0,
    equal: cases - wrong,
    verdict: 'most',
    sentence: `${found.text}: in that order nearly all elements are right`,
    unexplained: [],
  };
  return { ...check, diagnosis };
}
