import { describe, expect, it } from 'vitest';
import { smallestPart } from '../../../src/studies/bisect/smallest.ts';
import { generator } from '../../random.ts';

const random = generator('smallest');

describe('smallestPart', () => {
  it('finds the smallest of random monotone questions, as asking every part does', async () => {
    for (let round = 0; round < 60; round++) {
      const list = Array.from({ length: 2 + Math.floor(random() * 7) }, (_, i) => i);
      // Will do: what holds one of these groups.
      const groups = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
        const group = list.filter(() => random() < 0.4);
        return group.length === 0 ? [list[0]] : group;
      });
      const does = async (part: readonly number[]) => groups.some((group) => group.every((one) => part.includes(one)));
      const least = Math.min(...groups.map((group) => group.length));
      const all = await smallestPart(list, 1000, does);
      expect([all.part.length, all.claim, await does(all.part)]).toEqual([least, 'smallest', true]);
      const some = await smallestPart(list, 0, does);
      expect(await does(some.part)).toBe(true);
      for (const one of some.part) expect(await does(some.part.filter((other) => other !== one))).toBe(false);
      expect(some.claim).toBe(some.part.length <= 1 ? 'smallest' : 'irreducible');
    }
  });

  it('takes few questions of a long list', async () => {
    const list = Array.from({ length: 500 }, (_, i) => i);
    let asked = 0;
    const { part, claim } = await smallestPart(list, 100, async (given) => {
      asked++;
      return given.includes(417) && given.includes(33);
    });
    expect([part, claim]).toEqual([[33, 417], 'irreducible']);
    expect(asked).toBeLessThan(200);
  });
});
