/**
 * `bittrue targets`: the accelerators that are known.
 *
 * @module
 */
import { type Command, Option } from 'commander';
import { BittrueError } from '../errors/index.ts';
import { formatName } from '../formats/index.ts';
import { formatMatrixUnits, formatTarget, formatTargetList, formatTargets, toJson } from '../reports/index.ts';
import { matrixFormats, vectorFormats } from '../reports/text/targetList.ts';
import { type Target, targets } from '../targets/index.ts';
import { verifications } from '../targets/target.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, look, print, tell } from './io.ts';
import { formatOption, targetOption } from './options.ts';

/** The options as commander gives them. */
interface Flags {
  readonly vendor?: string;
  readonly format?: string;
  readonly known?: string;
  readonly units?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function addTargets(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('targets')
    .summary('the targets, or one of them in full')
    .description(
      'Lists the targets, a line each, or prints one in full. NAME --json gives a file to start your own from ' +
        '(docs/your-chip-json.md). known by: definition (it is defined here), silicon (checked against a chip), model ' +
        '(against a published model), documented (by its documents alone).',
    )
    .argument('[NAME]', 'a target, or a .json file to check')
    .option('--vendor <TEXT>', 'only those whose vendor holds it: nvidia, amd, arm, …')
    .option('--format <FORMAT>', 'only those with a unit for it')
    .addOption(new Option('--known <HOW>', 'only those known so').choices([...verifications]))
    .option('--units', 'every unit with its accumulator and its source')
    .option('--json', 'print data')
    .action((name: string | undefined, flags: Flags) =>
      exit(name === undefined ? list(flags, io) : one(name, flags, io)),
    );
}

function one(name: string, { json, ...filters }: Flags, io: Io): number {
  for (const [filter, given] of Object.entries(filters)) {
    throw new BittrueError('unsupported', `--${filter}`, given, 'this option without NAME');
  }
  const target = targetOption(name);
  print(io, json ? toJson(target, 'target/2') : formatTarget(target, look(io)));
  return OK;
}

function list({ vendor, format, known, units, json }: Flags, io: Io): number {
  const wanted = format === undefined ? null : formatName(formatOption(io, format));
  const found = Object.values(targets).filter(
    (target) =>
      (vendor === undefined || target.vendor.toLowerCase().includes(vendor.toLowerCase())) &&
      (wanted === null || [...matrixFormats(target), ...vectorFormats(target)].includes(wanted)) &&
      (known === undefined || target.verified === known),
  );
  if (json) print(io, toJson({ targets: found }, 'targets/2'));
  else if (found.length > 0) print(io, units ? unitsText(found, io) : listText(found, io));
  if (found.length > 0) return OK;
  tell(io, 'no target fits; `bittrue targets` without options lists all');
  return EVENTS;
}

function listText(found: readonly Target[], io: Io): string {
  const more = 'bittrue targets NAME tells one in full, bittrue targets --units every unit';
  return `${formatTargetList(found, look(io))}\n\n${more}`;
}

function unitsText(found: readonly Target[], io: Io): string {
  const own = found.filter(({ sameAs, vectorUnits }) => sameAs === undefined && Object.keys(vectorUnits).length > 0);
  return [own.length === 0 ? '' : formatTargets(own, look(io)), formatMatrixUnits(found, look(io))]
    .filter((text) => text !== '')
    .join('\n\n');
}
