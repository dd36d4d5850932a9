/**
 * `bittrue formats`: the formats that have names.
 *
 * @module
 */
import { type Command, Option } from 'commander';
import { blockCatalogue, catalogue, codebookCatalogue } from '../formats/index.ts';
import { blockSources, codebookSources, formatSources } from '../formats/sources.ts';
import { formatCodebooks, toJson } from '../reports/index.ts';
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
      'Lists the formats that have names, codebooks and block formats. TEXT keeps those whose name, other name (torch, ONNX, …), ' +
        'words or source hold it. Every other float is float:eXmY, every integer intN or uintN, every format of IEEE ' +
        'P3109 binary8p3se and the like. normal, subnormal: the smallest number of each kind.',
    )
    .argument('[TEXT]', 'such as fp8, torch, mx, e4m3')
    .option('--bits <n>', 'only those of so many bits a number')
    .addOption(new Option('--kind <KIND>', 'only these').choices(['float', 'integer', 'block', 'codebook']))
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
  const codebooks = Object.entries(codebookCatalogue).filter(
    ([name, { bits: own }]) =>
      (kind === undefined || kind === 'codebook') &&
      (width === null || own === width) &&
      holds(name, codebookSources[name].words, codebookSources[name].source),
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
    const listed = codebooks.map(([name, { kind: type, ...fields }]) => ({
      ...fields,
      type,
      ...codebookSources[name],
    }));
    print(io, toJson({ formats: named, blocks: grouped, codebooks: listed }, 'formats/1'));
  } else {
    const tables = [
      tableOf(formats, (all) => formatFormats(all, look(io))),
      tableOf(codebooks, (all) => formatCodebooks(all, look(io))),
      tableOf(blocks, (all) => formatBlockFormats(all, look(io))),
    ].flat();
    if (tables.length > 0) print(io, tables.join('\n\n'));
  }
  if (formats.length + blocks.length + codebooks.length > 0) return OK;
  tell(io, 'no format fits; `bittrue formats` without arguments lists all');
  return EVENTS;
}

/** The table of what was found; none where nothing was. */
function tableOf<T>(found: readonly (readonly [string, T])[], table: (all: readonly T[]) => string): string[] {
  return found.length === 0 ? [] : [table(found.map(([, one]) => one))];
}
