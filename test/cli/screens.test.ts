/**
 * What each command shows on terminals of 80 and 120 columns: `screens/COMMAND.txt`, looked at whenever it changes
 * (`npx vitest run test/cli/screens.test.ts -u` writes it anew), and no line wider than its terminal.
 *
 * A new command is a line of `screens` here: a command without one fails.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';
import { float32, onnxFile } from '../models/onnxFile.ts';
import { npy } from './helpers.ts';

/** Command lines a command, beside its help. FOLDER/ holds the files made below. */
const screens: Readonly<Record<string, readonly string[]>> = {
  check: [
    '--tokens FOLDER/tokens.json',
    'models/tiny-llama --tokens FOLDER/tokens.json --residual-scale 8 --slanc residual --power-of-two --min-sqnr 60',
    'FOLDER/x.npy',
    'FOLDER/x.npy --scale 0.015625 --kernel rmsNorm --max-lost 0.1',
    'FOLDER/x.npy --kernel softmax --target fp16 --target h100',
    'FOLDER/m.onnx --length rows=4 --kernels all --target fp16 --target h100:vectorF32',
    'FOLDER/nowhere',
  ],
  simulate: [
    '--tokens FOLDER/tokens.json --target fp16 --target h100:fp8Wgmma --target avx512Vnni:vpdpbusd',
    '--tokens FOLDER/tokens.json --target h100',
  ],
  capture: ['--for zzz'],
  slanc: ['models/tiny-llama --table', 'models/tiny-llama --variant zzz'],
  quantize: [
    '--method minMaxFloat --rows 8 --tokens FOLDER/tokens.json --calibration-tokens FOLDER/tokens.json',
    '--method minMaxFloat --rounds 2',
  ],
  recipes: [
    'FOLDER/w.npy --recipes mxfp4,nvfp4,nvfp4@fourOverSix',
    'FOLDER/w.npy --recipes mxfp4 --inputs FOLDER/w.npy --target b200:nvfp4 --target mi300:fp8',
    'FOLDER/w.npy --recipes mxfp4@zzz',
  ],
  communicate: [
    '--devices 2 --tokens FOLDER/tokens.json --calibration-tokens FOLDER/tokens.json',
    'models/tiny-llama --devices 2 --codec fp8,nvfp4 --tokens FOLDER/tokens.json --calibration-tokens FOLDER/tokens.json',
    '--codec zzz',
  ],
  accumulator: [
    '127*256 --inputs uint8',
    'FOLDER/w.npy --inputs uint8 --data FOLDER/rows.npy',
    '0.01*256 --inputs -1..1 --target fp16 --floats binary16,bfloat16,binary32',
    '127*256 --inputs zzz',
  ],
  bounds: [
    'dot --weights 300*2 --inputs -300..300',
    'sum --width 8 --inputs -1..1',
    'rmsNorm --width 4096 --inputs ball:64',
    'sum --inputs -1..1',
  ],
  sweep: ['dot', 'dot --format int8 --accumulator int32', 'gelu'],
  merge: ['none.jsonl', ''],
  explain: [
    'e4m3fn 465',
    'e4m3 448',
    'binary16 1/3 --rounding towardZero',
    'binary16 6e-8',
    'int8 130',
    'mxfp4 6.5 1 -0.3 1/64',
    'nvfp4 1000 3',
    'zzz 1',
  ],
  table: ['e2m1', 'e4m3fn', 'binary16', 'int4', 'mxfp4', 'nvfp4', 'e4m3fm'],
  formats: ['', 'fp8', '--kind block', 'zzz'],
  targets: [
    '',
    '--vendor amd',
    '--format e4m3fn --known silicon',
    '--units --vendor intel',
    'fp16',
    'mi300',
    'avx512Vnni',
    'hopper',
  ],
  compare: [
    'h100:f16 a100:f16 --rows 50 --limit 3',
    'h100:fp8Wgmma ada:fp8 --rows 50 --limit 2',
    'tpu tpu --rows 50',
    'h100 a100',
    'h101:f16 a100:f16',
  ],
  vectors: ['e2m1 add --count 3', 'e2m1 multiply'],
  verify: [
    'e4m3fn cast FOLDER/theirs.csv',
    'e4m3fn cast FOLDER/right.csv',
    'e4m3fn cast FOLDER/wrong.csv',
    '--target a100:f16 FOLDER/measured.txt',
  ],
  probe: ['FOLDER/chip --k 2 --a binary16 --output binary32'],
  identify: ['FOLDER/wrong.csv'],
  completion: ['fihs'],
};

/** A name that is the same everywhere: lines are broken by its length. */
const folder = '.cache/screens';

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  const row = Float64Array.from({ length: 256 }, (_, i) => (((i * 37) % 101) - 50) * (i < 128 ? 30 : 1));
  write('x.npy', npy(row, [2, 128]));
  write(
    'w.npy',
    npy(
      Float64Array.from({ length: 128 }, (_, i) => ((i * 29) % 31) - 15),
      [64, 2],
    ),
  );
  write(
    'rows.npy',
    npy(
      Float64Array.from({ length: 128 }, (_, i) => (i * 7) % 256),
      [2, 64],
    ),
  );
  write('theirs.csv', '449,448\n465,448\n1e9,448\n-17.5,-18\n0.001,0.001953125\n');
  write('wrong.csv', `449,448\n1,${'1'.repeat(300)},3,4,5\n`);
  // 1 + 2^-24 from 1 and 2^-12 · 2^-12, and 1 − 2^-25: as an H100 and as an A100 cut them.
  write('measured.txt', '3c00 0c00 3c00 0c00 00000000 3f800000\n3c00 8400 3c00 1000 00000000 3f7fffff\n');
  write('right.csv', '449,448\n-17.5,-18\n');
  write('tokens.json', '{ "sequences": [[65, 110, 100, 32, 71, 111, 100, 32, 115, 97, 105, 100]] }');
  write(
    'm.onnx',
    onnxFile({
      inputs: [['x', 1, ['rows', 8]]],
      nodes: [
        { op: 'LayerNormalization', name: 'block/norm', inputs: ['x', 'g', 'b'], outputs: ['n'] },
        { op: 'MatMul', name: 'block/linear', inputs: ['n', 'w'], outputs: ['y'] },
      ],
      constants: {
        g: float32([8], Array(8).fill(1)),
        b: float32([8], Array(8).fill(0)),
        w: float32(
          [8, 2],
          Array.from({ length: 16 }, (_, i) => (i % 2 ? 1 : 60_000)),
        ),
      },
      outputs: ['y'],
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A command line, and all that it shows on a terminal of so many columns. */
async function screen(line: string, columns: number): Promise<string> {
  let shown = '';
  const add = (text: string): boolean => {
    shown += text;
    return true;
  };
  const args = line
    .replaceAll('FOLDER', folder)
    .split(' ')
    .filter((word) => word !== '');
  // `--inputs -1..1` as a shell would give it: what starts with a minus sign belongs to the option before it.
  const joined = args
    .join(' ')
    .replace(/(--inputs) (?=-)/, '$1=')
    .split(' ')
    .filter((word) => word !== '');
  const io = { out: add, err: (text: string) => void add(text), color: false, progress: false, columns };
  const status = await runCommand(joined, io);
  return `$ bittrue ${joined.join(' ')}\n${shown}[${columns} columns, exit status ${status}]\n`;
}

async function screensOf(lines: readonly string[]): Promise<string> {
  const shown: string[] = [];
  for (const line of lines) {
    const [narrow, wide] = [await screen(line, 80), await screen(line, 120)];
    // Where the width changes nothing one screen is enough.
    const bodies = [narrow, wide].map((text) => text.replace(/\[\d+ columns, (.*)\]\n$/, '[$1]\n'));
    shown.push(...(bodies[0] === bodies[1] ? [bodies[0]] : [narrow, wide]));
  }
  return shown.join('\n');
}

function expectFitting(text: string): void {
  for (const part of text.split(/^\$ /m)) {
    const columns = Number(/\[(\d+) columns/.exec(part)?.[1] ?? 80);
    // The first line is what was typed.
    for (const line of part.split('\n').slice(1)) expect(line.length, line).toBeLessThanOrEqual(columns);
  }
}

describe('screens', () => {
  it.each([['bittrue', ['', '--help', 'zzz']] as const, ...Object.entries(screens)])('%s', async (command, lines) => {
    const own = command === 'bittrue' ? lines : ['--help', ...lines].map((line) => `${command} ${line}`.trim());
    const text = await screensOf(own);
    expectFitting(text);
    await expect(text).toMatchFileSnapshot(`screens/${command}.txt`);
  });

  it('are there for every command', async () => {
    const list = /found='(.*) --help --version'/.exec(await screen('completion bash', 80))?.[1]?.split(' ');
    expect(Object.keys(screens)).toEqual(list);
  });
});
