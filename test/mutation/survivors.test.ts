/** docs/verification.md counts the mutants that test/mutation/survivors.json lists. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import survivors from './survivors.json' with { type: 'json' };

interface Mutant {
  readonly line: number;
  readonly why: string;
  readonly isCovered?: boolean;
}

const files = Object.entries<readonly Mutant[]>(survivors.files);
/** Rows of the tables, by their first cell. */
const rows = new Map(
  readFileSync('docs/verification.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, name = '', ...cells]) => [name, cells] as const),
);

/** How many mutants have each word. */
function byWord(mutants: readonly Mutant[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { why } of mutants) counts[why] = (counts[why] ?? 0) + 1;
  return counts;
}

describe('surviving mutants', () => {
  it.each(files)('%s has as many as docs/verification.md says', (file, mutants) => {
    const [, , survived, notCovered, , killed, rewritten, left] = rows.get(`\`${file.replace('src/', '')}\``) ?? [];
    const words = byWord(mutants);
    const uncovered = mutants.filter(({ isCovered }) => isCovered === false).length;
    expect({ survived, notCovered, killed, rewritten }).toEqual({
      survived: String(mutants.length - uncovered),
      notCovered: String(uncovered),
      killed: String(words['killed since'] ?? 0),
      rewritten: String(words.rewritten ?? 0),
    });
    expect(Number(left)).toBe(mutants.length - (words['killed since'] ?? 0) - (words.rewritten ?? 0));
  });

  it('have words that docs/verification.md defines, as often as it says', () => {
    const words = byWord(files.flatMap(([, mutants]) => mutants));
    for (const [word, count] of Object.entries(words)) expect(rows.get(word)?.[0], word).toBe(String(count));
  });
});
