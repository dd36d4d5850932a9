/**
 * The limits that a check misses, in words.
 *
 * @module
 */
import { checkList, checkMade, checkName, printableData } from '../../errors/index.ts';
import type { MissedLimit } from '../../studies/index.ts';
import { count, decibels, percent, size } from '../numbers.ts';
import { checkLook, paint, type RenderOptions, wrap } from './layout.ts';

/**
 * The limits that a check misses, in words: the norm that is farthest off, and how many miss the same.
 *
 * @param place what the sites are; of a graph's check `node`
 */
export function missedLines(
  missed: readonly MissedLimit[],
  options: RenderOptions = {},
  place: 'norm' | 'node' = 'norm',
): string[] {
  checkList('missed', missed).forEach((one, i) => {
    checkMade(`missed[${i}]`, one, ['site', 'limit', 'wanted', 'found'], 'a missed limit, as judge gives it');
  });
  checkLook(options);
  checkName('place', place, ['norm', 'node']);
  const shown = printableData(missed);
  const groups = [...new Set(shown.map(({ limit, kind }) => `${limit} ${kind ?? ''}`))];
  return groups.flatMap((group) => {
    const own = shown.filter(({ limit, kind }) => `${limit} ${kind ?? ''}` === group);
    const sign = own[0].limit.startsWith('min') ? 1 : -1;
    const badness = ({ found }: MissedLimit): number => (found === null ? -Infinity : sign * found);
    const worst = own.reduce((a, b) => (badness(b) < badness(a) ? b : a));
    const where = worst.site === null ? '' : ` in ${count(own.length, place)}, worst in ${worst.site}`;
    const text = limitText(worst);
    return wrap(paint('red', `missed: ${text}${where}`, options), '  ', options);
  });
}

function limitText({ limit, kind, found, wanted }: MissedLimit): string {
  switch (limit) {
    case 'maxLost':
      return `squares lost ${percent(found ?? 1)}, at most ${percent(wanted)} asked for`;
    case 'maxAbsorbed':
      return `addends lost ${percent(found ?? 1)}, at most ${percent(wanted)} asked for`;
    case 'maxUlp':
      return `error ${size(found ?? Infinity)} ulp, at most ${size(wanted)} asked for`;
    case 'minHeadroom':
      return `headroom ${size(found ?? -Infinity)} bits, at least ${size(wanted)} asked for`;
    case 'failOn':
      return `${count(found ?? 0, 'event')} of ${kind}, none asked for`;
    default: {
      const told = found === null ? 'no finite output' : `SQNR ${decibels(found)} dB`;
      return `${told}, at least ${size(wanted)} dB asked for`;
    }
  }
}
