/**
 * Targets on one screen.
 *
 * @module
 */
import { printableData } from '../../errors/index.ts';
import { formatName } from '../../formats/index.ts';
import { checkTargets } from '../../targets/check.ts';
import type { Target } from '../../targets/index.ts';
import { checkLook, type RenderOptions, shorten, table, wrap } from './layout.ts';

/**
 * A line a target: vendor, how it is known, what its matrix units multiply and its vector units compute in. Chips that have
 * the units of another one of the list stand below.
 *
 * @example
 * import { formatTargetList } from 'bittrue/reports';
 * import { h100, h200, tpu } from 'bittrue/targets';
 * formatTargetList([h100, h200, tpu]).split('\n').at(-1); // 'The same units: h100: h200'
 */
export function formatTargetList(targets: readonly Target[], options: RenderOptions = {}): string {
  checkTargets(targets);
  checkLook(options);
  // By vendor and name, generic machines first: the order of a module's exports is not everywhere the same.
  const key = ({ vendor, name }: Target): string => `${vendor} ${name}`.toLowerCase();
  const shown = [...printableData(targets)].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const isAlike = ({ sameAs }: Target): boolean => shown.some(({ name }) => name === sameAs);
  const lines = (most: number): string[] =>
    table(
      ['target', 'vendor', 'known by', 'products of', 'computes in'].map((title) => ({
        title,
        align: 'left' as const,
      })),
      shown
        .filter((target) => !isAlike(target))
        .map((target) => [
          target.name,
          shorten(target.vendor || 'generic', LONGEST_VENDOR),
          target.verified,
          shortList(matrixFormats(target), most),
          shortList(vectorFormats(target), most),
        ]),
      options,
    );
  const wide = lines(2);
  const families = shown.flatMap(({ name }) => {
    const alike = shown.filter(({ sameAs }) => sameAs === name);
    return alike.length === 0 ? [] : [`${name}: ${alike.map((one) => one.name).join(' ')}`];
  });
  return [
    // A second block of columns would not stand on one screen.
    ...(wide.includes('') ? lines(1) : wide),
    ...(families.length === 0 ? [] : ['', ...wrap(`The same units: ${families.join('; ')}`, '  ', options)]),
  ].join('\n');
}

/** Room for a vendor. */
const LONGEST_VENDOR = 10;

/** The operand formats of a target's matrix units, each once. */
export function matrixFormats({ matrixUnits }: Target): readonly string[] {
  return [...new Set(Object.values(matrixUnits).flatMap(({ a, b }) => [...a, ...b].map(formatName)))];
}

/** What a target's vector units load and compute in, each once. */
export function vectorFormats({ vectorUnits }: Target): readonly string[] {
  return [...new Set(Object.values(vectorUnits).map(({ compute }) => formatName(compute.format)))];
}

/** Names in a column: a few, and how many more. */
function shortList(names: readonly string[], most: number): string {
  if (names.length <= most) return names.join(' ');
  return `${names.slice(0, most).join(' ')} +${names.length - most}`;
}
