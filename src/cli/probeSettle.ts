/**
 * `bittrue probe --settle`: the rows that would settle what models say of a unit, with the answer of each.
 *
 * @module
 */
import { join } from 'node:path';
import { BittrueError } from '../errors/index.ts';
import { codesOf } from '../identification/codes.ts';
import { rowsText } from '../identification/text.ts';
import { type OutputFile, writeFiles } from '../node/writeFiles.ts';
import { type Target, targets } from '../targets/index.ts';
import { productUnitOf } from '../targets/units.ts';
import { type Settling, settlingRows } from '../testing/distinguish/disputes.ts';
import { type Io, printWords } from './io.ts';
import { targetOption } from './options.ts';

const MARK = '# what models say of';

/** Writes the rows of one unit, or of every disputed one of the catalogue. */
export function settle(io: Io, folder: string, text: string): void {
  const units = text === 'all' ? disputedUnits() : [unitOf(text)];
  for (const [target, name] of units) {
    const found = settlingRows(target, name);
    const file = `${target.name}-${name}.txt`;
    const files: Record<string, OutputFile> = { [file]: { content: settlingText(target, name, found), mark: MARK } };
    writeFiles(folder, files);
    const untold = found.untold.map((one) => `; ${untoldText(one)}`).join('');
    const rows = found.rows.length === 1 ? 'one row' : `${found.rows.length} rows`;
    printWords(io, `${target.name}:${name}: ${rows} in ${join(folder, file)}${untold}`);
  }
}

/** Why there is no row for two readings. */
function untoldText({ readings: [p, q], reason }: Settling['untold'][number]): string {
  return reason === null
    ? `no row was found that tells ${q} from ${p}, which proves nothing`
    : `no row can tell ${q} from ${p}: ${reason}`;
}

function unitOf(text: string): readonly [Target, string] {
  const target = targetOption(text);
  const { kind, unit } = productUnitOf('--settle', target);
  if (kind !== 'matrix') throw new BittrueError('unsupported', '--settle', text, 'a matrix unit, NAME:UNIT, or all');
  if (unit.disputed.length === 0) {
    throw new BittrueError('value', '--settle', text, 'a unit that models dispute: bittrue probe FOLDER --settle all');
  }
  return [target, unit.name];
}

function disputedUnits(): (readonly [Target, string])[] {
  return Object.values<Target>(targets)
    .filter(({ sameAs }) => sameAs === undefined)
    .flatMap((target) =>
      Object.values(target.matrixUnits).flatMap((unit) =>
        unit.disputed.length === 0 ? [] : [[target, unit.name] as const],
      ),
    );
}

/** Rows as clients read them; what each reading answers stands behind each, as a remark. */
function settlingText(target: Target, name: string, { question, readings, rows }: Settling): string {
  const { instructions } = target.matrixUnits[name] as { instructions: string };
  const said = readings.map(({ by, sums }) => `# ${by}: ${JSON.stringify(sums)}`);
  const lines = rowsText(
    question,
    codesOf(
      question,
      rows.map(({ row }) => row),
    ),
  )
    .trimEnd()
    .split('\n');
  const told = lines.map((line, i) => (i === 0 ? line : `${line} # ${answersText((rows[i - 1] as Told).answers)}`));
  return `${[`${MARK} ${target.name}:${name}, ${instructions}`, ...said, ...told].join('\n')}\n`;
}

type Told = Settling['rows'][number];

function answersText(answers: Told['answers']): string {
  return Object.entries(answers)
    .map(([by, code]) => `${by} ${code}`)
    .join(', ');
}
