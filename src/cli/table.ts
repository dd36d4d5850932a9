/**
 * `bittrue table`: the values of a format.
 *
 * @module
 */
import type { Command } from 'commander';
import { type ElementFormat, formatName } from '../formats/index.ts';
import { formatFormatTable, toJson } from '../reports/index.ts';
import { formatBlockTable } from '../reports/text/formats.ts';
import { decode } from '../rounding/index.ts';
import { OK } from './exit.ts';
import { type Io, look, print } from './io.ts';
import { anyFormatOption, noteOf, printNote, QUIET } from './options.ts';

/** Wider formats have too many values to list as data. */
const WIDEST = 16;

/** Adds the command. */
export function addTable(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('table')
    .summary('the limits and values of a format')
    .description(
      'Prints the limits of a format and, up to 8 bits (with --json 16), the value of every code; of a block format its ' +
        'scales, and the values of its elements.',
    )
    .argument('<FORMAT>', 'such as e2m1, e4m3fn, int4, binary6p3uf, mxfp4: see `bittrue formats`')
    .option('--json', 'print data')
    .action((text: string, { json }: { json?: boolean }) => {
      const format = anyFormatOption(QUIET, text);
      const note = noteOf(text, format);
      if (!json) printNote(io, note);
      if (format.kind !== 'block') {
        print(
          io,
          json
            ? toJson({ ...data(format), ...(note === null ? {} : { note }) }, 'format/1')
            : formatFormatTable(format, look(io)),
        );
      } else if (json) {
        const { kind, element, scale, ...fields } = format;
        print(io, toJson({ type: kind, ...fields, element: data(element), scale: data(scale) }, 'block-format/1'));
      } else {
        print(io, `${formatBlockTable(format, look(io))}\n\n${formatFormatTable(format.element, look(io))}`);
      }
      exit(OK);
    });
}

/** The format's fields beside its notation, and its values in the order of their codes. */
function data(format: ElementFormat): Record<string, unknown> {
  if (format.kind === 'codebook') {
    const { kind, codes, ...fields } = format;
    return { type: kind, codeCount: codes, ...fields };
  }
  const { kind, codes, ...fields } = format;
  const values = format.bits <= WIDEST ? Array.from({ length: codes }, (_, code) => decode(format, code)) : undefined;
  return { format: formatName(format), type: kind, codeCount: codes, ...fields, values };
}
