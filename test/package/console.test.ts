/**
 * Command lines of the documentation: every ```console block of README.md and docs/ runs and shows what it says.
 *
 * A line `$ npx bittrue …` is run, and what follows, to the next `$`, is its output on a terminal of 100 columns; a line
 * `…` stands for lines left out. Every line of a ```sh block that runs `bittrue`, and every `npx bittrue …` within the text,
 * runs on files made here by the names that it gives.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, walk } from '../../scripts/lib/project.mjs';
import { runCommand } from '../../src/cli/run.ts';
import { writeNpy, writeSafetensors } from '../../src/files/index.ts';
import { embeddedModel } from '../../src/node/index.ts';
import { npy, zipOf } from '../cli/helpers.ts';
import { float32, onnxFile } from '../models/onnxFile.ts';

const files = ['README.md', ...walk('docs', (path) => path.endsWith('.md') && !path.startsWith('docs/api/'))];

interface Run {
  readonly file: string;
  readonly line: number;
  readonly args: readonly string[];
  readonly shown: string;
}

/** The fenced blocks of a language. */
function blocks(file: string, language: string): { line: number; text: string }[] {
  const all = readFileSync(join(root, file), 'utf8');
  return Array.from(
    all.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms')),
    ({ index, 1: text = '' }) => ({
      line: all.slice(0, index).split('\n').length + 1,
      text,
    }),
  );
}

/** The words of a command line: no quotes but plain ones, and a comment is dropped. */
function words(line: string): string[] {
  const text = line.replace(/ +#.*$/, '').replace(/\s*[>|].*$/, '');
  return Array.from(text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g), ([, a, b, c]) => a ?? b ?? c ?? '');
}

function runs(file: string): Run[] {
  return blocks(file, 'console').flatMap(({ line, text }) => {
    const parts = text.split(/^\$ /m);
    let at = line + (parts[0]?.split('\n').length ?? 1) - 1;
    return parts.slice(1).map((part) => {
      const [command = '', ...shown] = part.split('\n');
      const [npx, bittrue, ...args] = words(command);
      expect([npx, bittrue], `${file}:${at}`).toEqual(['npx', 'bittrue']);
      const run = { file, line: at, args, shown: shown.join('\n').trimEnd() };
      at += shown.length;
      return run;
    });
  });
}

/** The package as a user has it is this folder. */
const here = (arg: string): string => arg.replace(/^node_modules\/bittrue\//, `${root}/`);

function output(args: readonly string[]): string {
  let shown = '';
  const add = (text: string): boolean => {
    shown += text;
    return true;
  };
  runCommand(args.map(here), { out: add, err: (text) => void add(text), color: false, progress: false, columns: 100 });
  return shown.replaceAll(`${root}/`, 'node_modules/bittrue/').trimEnd();
}

/** Whether lines are those that are shown; `…` stands for any number of lines. */
function isShown(lines: readonly string[], shown: readonly string[]): boolean {
  const [first, ...others] = shown;
  if (first === undefined) return lines.length === 0;
  if (first.trim() === '…') return lines.some((_, i) => isShown(lines.slice(i), others)) || others.length === 0;
  return lines.length > 0 && lines[0]?.trimEnd() === first.trimEnd() && isShown(lines.slice(1), others);
}

const all = files.flatMap(runs);

describe('consoles of the documentation', () => {
  it.each(all.map((run) => [`${run.file}:${run.line} ${run.args.join(' ')}`, run] as const))(
    '%s',
    (_, { args, shown }) => {
      const lines = output(args);
      if (!isShown(lines.split('\n'), shown.split('\n'))) expect(lines).toBe(shown);
    },
  );
});

/** Command lines that a reader would type: of ```sh blocks, and `npx bittrue …` within the text. */
const lines = files.flatMap((file) => {
  const inBlocks = blocks(file, 'sh').flatMap(({ text }) => text.split('\n'));
  const inText = Array.from(
    readFileSync(join(root, file), 'utf8').matchAll(/`(npx bittrue [^`]*)`/g),
    ([, line = '']) => line,
  );
  return [...new Set([...inBlocks, ...inText])]
    .filter((line) => /\bbittrue /.test(line))
    .map((line) => [file, line] as const);
});

/** A name in the text, what `npm start` runs, what writes where one stands, and what needs a chip (test/cli/identify.exhaustive.ts). */
const isExempt = (line: string): boolean =>
  /^npx bittrue (bounds|check( +#.*)?|verify --init)$|^npx bittrue (probe|identify) chip\b/.test(line);

const place = mkdtempSync(join(tmpdir(), 'bittrue-lines-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
beforeAll(async () => {
  const model = join(place, 'model');
  mkdirSync(model);
  for (const name of ['config.json', 'model.safetensors']) copyFileSync(join(embeddedModel(), name), join(model, name));
  for (const name of ['validation.txt', 'calibration.txt'])
    writeFileSync(join(model, name), 'And God said, Let there be light.');
  writeFileSync(
    join(place, 'x.npy'),
    npy(
      Float64Array.from({ length: 128 }, (_, i) => (i * 37) % 101),
      [2, 64],
    ),
  );
  writeFileSync(
    join(place, 'w.npy'),
    npy(
      Float64Array.from({ length: 128 }, (_, i) => (i % 31) - 15),
      [64, 2],
    ),
  );
  // With names of axes where a line gives their lengths.
  for (const [name, axes] of [
    ['model.onnx', [1, 8, 8]],
    ['named.onnx', ['batch', 'height', 'width']],
  ] as const) {
    const model = onnxFile({
      inputs: [['x', 1, [...axes]]],
      nodes: [{ op: 'LayerNormalization', name: 'norm', inputs: ['x', 'g'], outputs: ['y'] }],
      constants: { g: float32([1], [1]) },
      outputs: ['y'],
    });
    writeFileSync(join(place, name), model);
  }
  const image = npy(
    Float64Array.from({ length: 64 }, (_, i) => i % 7),
    [1, 8, 8],
  );
  writeFileSync(join(place, 'image.npz'), zipOf({ 'x.npy': image }));
  // Somebody's answers, right or not: a line of the documentation judges them.
  const data = (length: number) => Float32Array.from({ length }, (_, i) => (i * 37) % 101);
  writeFileSync(join(place, 'y.npy'), writeNpy({ data: data(128), shape: [2, 64] }));
  writeFileSync(join(place, 'e.npy'), writeNpy({ data: data(128), shape: [2, 64] }));
  writeFileSync(join(place, 's.npy'), writeNpy({ data: data(4).fill(16), shape: [2, 2] }));
  writeFileSync(join(place, 'rows.csv'), '2,7\n4,11\n');
  writeFileSync(join(place, 'tokens.json'), '{ "sequences": [[1, 2, 3], [4, 5, 6]] }');
  writeFileSync(join(place, 'text.txt'), 'In the beginning God created the heaven and the earth. '.repeat(30));
  const kernels = { 'norm.input': { kernel: 'layerNorm' } };
  const metadata = { bittrue: JSON.stringify({ schema: 'captured/1', kernels }) };
  const captured = writeSafetensors({ 'norm.input': { data: data(128), shape: [2, 64] } }, { metadata });
  writeFileSync(join(place, 'acts.safetensors'), captured);
  let before = '';
  await runCommand(['check', join(place, 'model.onnx'), '--json'], {
    out: (text) => {
      before += text;
      return true;
    },
    err: () => {},
    color: false,
    progress: false,
  });
  writeFileSync(join(place, 'before.json'), before);
});

describe('command lines of the documentation', () => {
  it.each(lines.filter(([, line]) => !isExempt(line)))('%s: %s', async (_, line) => {
    // What stands before a pipe gives what the command reads: here the right answers.
    const [, piped, own = line] = /^(.*) \| (npx bittrue .*)$/.exec(line) ?? [];
    const args = words(own).slice(own.startsWith('npx') ? 2 : 1);
    const placed = (arg: string): string => {
      if (!/^(model\/|[\w.]+\.(npy|npz|onnx|html|csv|safetensors|json|txt))$/.test(arg)) return here(arg);
      return join(place, arg === 'model.onnx' && args.includes('--length') ? 'named.onnx' : arg);
    };
    let out = '';
    let err = '';
    const status = await runCommand(args.map(placed), {
      out: (text) => {
        out += text;
        return true;
      },
      err: (text) => {
        err += text;
      },
      color: false,
      progress: false,
      input: () => (piped === undefined ? [] : [output(['vectors', args[1] ?? '', args[2] ?? ''])]),
    });
    // 1 is an answer too: something overflows.
    expect([0, 1], err).toContain(status);
    expect([out.length > 0, err]).toEqual([true, '']);
  });

  it('are some', () => {
    expect(lines.length).toBeGreaterThan(15);
  });
});
