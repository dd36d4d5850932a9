/**
 * `bittrue formats`: the formats that have names.
 *
 * @module
 */
import { type Command, Option } from 'commander';
import { blockCatalogue, catalogue } from '../formats/index.ts';
import { blockSources, formatSources } from '../formats/sources.ts';
import { toJson } from '../reports/index.ts';
import { formatBlockFormats, formatFormats, otherNames } from '../reports/text/formats.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, look, print, tell } from './io.ts';
import { numberOption } from './options.ts';

/** The options as commander gives them. */
interface Flags {
  readonly bits?: string;
  readonly kind?: string;
  readonly json?: boolean;
}

/** Adds the command. */
export function addFormats(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('formats')
    .summary('the formats that have names: bits, range, special values')
    .description(
      'Lists the formats that have names, and block formats. TEXT keeps those whose name, other name (torch, ONNX, …), ' +
        'words or source hold it. Every other float is float:eXmY, every integer intN or uintN, every format of IEEE ' +
        'P3109 binary8p3se and the like. normal, subnormal: the smallest number of each kind.',
    )
    .argument('[TEXT]', 'such as fp8, torch, mx, e4m3')
    .option('--bits <n>', 'only those of so many bits a number')
    .addOption(new Option('--kind <KIND>', 'only these').choices(['float', 'integer', 'block']))
    .option('--json', 'print data')
    .action((text: string | undefined, flags: Flags) => exit(list(text?.toLowerCase() ?? '', flags, io)));
}

/** The FP8 of OCP, which torch, NVIDIA and AMD have. */
const ocp: readonly string[] = ['e4m3fn', 'e5m2'];

function list(text: string, { bits, kind, json }: Flags, io: Io): number {
  const width = bits === undefined ? null : numberOption('--bits', bits);
  const holds = (...words: readonly string[]): boolean => words.some((word) => word.toLowerCase().includes(text));
  const formats = Object.entries(catalogue).filter(
    ([name, format]) =>
      (kind === undefined || kind === format.kind) &&
      (width === null || format.bits === width) &&
      holds(name, ...otherNames(name), formatSources[name].words, formatSources[name].source),
  );
  // Of several that a word stands for, those of OCP are what most mean.
  if (text !== '') formats.sort(([a], [b]) => Number(ocp.includes(b)) - Number(ocp.includes(a)));
  const blocks = Object.entries(blockCatalogue).filter(
    ([name, block]) =>
      (kind === undefined || kind === 'block') &&
      (width === null || block.bitsPerNumber === width || block.element.bits === width) &&
      holds(name, blockSources[name].words, blockSources[name].source),
  );
  if (json) {
    const named = formats.map(([name, format]) => ({
      name,
      otherNames: otherNames(name),
      ...formatSources[name],
      // As fields: in JSON of ours a format is its name.
      ...Object.fromEntries(Object.entries(format).filter(([key]) => key !== 'kind')),
      type: format.kind,
    }));
    const grouped = blocks.map(([name, { kind: type, ...block }]) => ({ ...block, type, name, ...blockSources[name] }));
    print(io, toJson({ formats: named, blocks: grouped }, 'formats/1'));
  } else {
    const tables = [
      ...(formats.length === 0
        ? []
        : [
            formatFormats(
              formats.map(([, format]) => format),
              look(io),
            ),
          ]),
      ...(blocks.length === 0
        ? []
        : [
            formatBlockFormats(
              blocks.map(([, block]) => block),
              look(io),
            ),
          ]),
    ];
    if (tables.length > 0) print(io, tables.join('\n\n'));
  }
  if (formats.length + blocks.length > 0) return OK;
  tell(io, 'no format fits; `bittrue formats` without arguments lists all');
  return EVENTS;
}
