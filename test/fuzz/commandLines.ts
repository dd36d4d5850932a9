/**
 * Hostile command lines: whatever is typed, the command ends with 0, 1 or 2, and tells a mistake in one line.
 */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';
import { npy } from '../cli/helpers.ts';
import { within } from './seed.ts';

const commands =
  'check slanc quantize communicate accumulator bounds explain table formats targets compare compare-targets vectors verify completion'.split(
    ' ',
  );
const flags =
  '--target --slanc --power-of-two --residual-scale --text --tokens --kernel --scale --epsilon --allow-non-finite --json ' +
  '--inputs --register --data --floats --min-sqnr --max-absorbed --promote-every --split-k --weights --activations --method --rows --intervals --output --devices --codec --k --gamma --seed --unit --rotate ' +
  '--calibration --html --force --sequences --rounding --overflow --subnormals --tininess --input --with --random --width ' +
  '--a --b --bisect --unused --kernels --length --fail-on --csv --limit --level --count --from --profile --strict-nan --no-flags --variant --table --help --version --nothing';
const words =
  'binary16 e4m3fn int8 binary8p3se float:e5m4 float:e4m3:bias=1:bias=2 e2m1 465 -1.5 1e-7 1e999999999 Infinity -Infinity NaN ' +
  'add multiply cast fp16 h100:f16 h100:f16:zzz tpu: a100 layerNorm rmsNorm residual towardZero 0 1 -1 2 40 1e5 9007199254740993 ' +
  '0x10 1/64 __proto__ constructor toString - -- --=x % \u0000 \u001b[31m';

/** Runs random command lines for so many seconds; how many. */
export function fuzzCommandLines(seconds: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'bittrue-lines-'));
  const at = (name: string): string => join(folder, name);
  writeFileSync(
    at('x.npy'),
    npy(
      Float64Array.from({ length: 32 }, (_, i) => i - 7.5),
      [4, 8],
    ),
  );
  writeFileSync(at('nan.npy'), npy(Float64Array.of(1, NaN, -0, Infinity), [2, 2]));
  writeFileSync(at('cut.npy'), npy(new Float64Array(8), [8]).subarray(0, 90));
  writeFileSync(at('t.json'), '{ "name": "mine", "__proto__": { "a": 1 } }');
  writeFileSync(at('lines'), '3C00 3C00 4000 00\n7E00 0000 zz 1\n');
  symlinkSync('loop', at('loop'));
  const files = [
    'x.npy',
    'nan.npy',
    'cut.npy',
    't.json',
    'lines',
    'loop',
    'x.npy/',
    'x.npy/sub',
    'absent',
    '.',
    'y'.repeat(300),
  ];
  const word = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...words.split(' ')) },
    { weight: 3, arbitrary: fc.constantFrom(...files.map(at)) },
    { weight: 1, arbitrary: fc.string({ maxLength: 12 }).filter((text) => !text.includes('/')) },
  );
  const flag = fc.constantFrom(...flags.split(' '));
  const line = fc.tuple(
    fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...commands) }, { weight: 1, arbitrary: word }),
    fc.array(fc.oneof({ weight: 3, arbitrary: word }, { weight: 2, arbitrary: flag }), { maxLength: 7 }),
  );
  let count = 0;
  try {
    fc.assert(
      fc.property(line, ([command, rest]) => {
        // Without a path these take the embedded model, and a minute each.
        const isModel = ['check', 'quantize', 'communicate'].includes(command);
        const args = isModel ? [command, at('absent'), ...rest] : [command, ...rest];
        // A table by default has as many lines as it takes.
        if (command === 'vectors') args.push('--count', '20');
        const { status, err } = run(args);
        count += 1;
        expect([0, 1, 2], `${JSON.stringify(args)}: ${err}`).toContain(status);
        if (status === 2) expect(err, JSON.stringify(args)).toMatch(/^[^\n]+\n$|^Usage: /);
      }),
      within(seconds),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return count;
}

function run(args: readonly string[]): { status: number; err: string } {
  let err = '';
  const add = (text: string): void => {
    err += text;
  };
  const io = {
    out: () => true,
    err: add,
    color: false,
    progress: false,
    input: () => '3C00 3C00 4000 00\n',
    trace: true,
  };
  return { status: runCommand(args, io) as number, err };
}
