import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { progressLine } from '../../src/cli/progress.ts';
import { runCommand } from '../../src/cli/run.ts';
import { embeddedModel } from '../../src/node/index.ts';
import { bittrue, folder, npy } from './helpers.ts';

const model = embeddedModel();

describe('bittrue check without a file: the demonstration', () => {
  let shown: ReturnType<typeof bittrue>;
  beforeAll(() => {
    shown = bittrue('check');
  }, 180_000);

  it('exits 0, says nothing on stderr, and fits 100 columns', () => {
    expect(shown.status).toBe(0);
    expect(shown.err).toBe('');
    for (const line of shown.out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
  });

  it('is what docs/check.md shows, to the letter', () => {
    const readme = readFileSync(new URL('../../docs/check.md', import.meta.url), 'utf8');
    const pasted = /<!-- check:[^>]*-->\s*```text\n([\s\S]*?)```\s*<!-- \/check -->/.exec(readme)?.[1];
    expect(pasted?.trimEnd()).toBe(shown.out.trimEnd());
  });

  it('shows both scales, nine norms each, masked overflows, and the cure', () => {
    expect(shown.out).toContain('residual scale 1: ');
    expect(shown.out).toContain('residual scale 8: ');
    // Two tables a scale: what overflows, and what underflow costs.
    expect(shown.out.match(/^layers\.\d\.input /gm)).toHaveLength(16);
    expect(shown.out).toMatch(/^norm +0\.023 % +0\.3 +16\.8 % +60\.8$/m);
    expect(shown.out).toMatch(/^norm +678952 +1901\* +61 +-3\.4 +0 +\d+ +\+15\.9$/m);
    expect(shown.out).toMatch(/norm +row 0, squareSum, step 125: 65472 \+ 105\.5625 -> Infinity, masked/);
    expect(shown.out).toContain('verdict: plain fp16 is fine; SLaNC is fine too.');
    expect(shown.out).toContain(
      'verdict: plain fp16 overflows silently in 5 of 9 norms (perplexity 2.903 -> 95.55); SLaNC cures it.',
    );
  });
});

describe('bittrue check MODEL', () => {
  const text = (length = 80) => {
    const path = join(folder(), 'text.txt');
    writeFileSync(path, readFileSync(join(model, 'validation.txt')).subarray(0, length));
    return path;
  };

  it('runs the first layers on the first sequences, and says so', () => {
    const tokens = join(folder(), 'tokens.json');
    writeFileSync(
      tokens,
      JSON.stringify({
        sequences: [
          [1, 2, 3],
          [4, 5, 6, 7],
          [8, 9],
        ],
      }),
    );
    const cut = bittrue('check', model, '--tokens', tokens, '--layers', '1', '--sequences', '2');
    expect(cut.out).toContain('llama, 1 layer, hidden 128; 5 predictions from 2 sequences');
    expect(cut.out).toContain('the first 1 of 4 layers: the last norm');
    expect(bittrue('check', model, '--tokens', tokens).out).not.toContain('the first');
    for (const [flag, value] of [
      ['--layers', '5'],
      ['--layers', '0'],
      ['--sequences', '0'],
      ['--sequences', '1.5'],
    ]) {
      const refused = bittrue('check', model, '--tokens', tokens, flag, value);
      expect(refused.status).toBe(2);
      expect(refused.err).toContain(flag);
    }
    expect(bittrue('check', join(folder(), 'x.npy'), '--layers', '2')).toMatchObject({ status: 2 });
  });

  it('exits by the configuration asked for', () => {
    const plain = bittrue('check', model, '--text', text(), '--residual-scale', '8');
    expect(plain.status).toBe(1);
    expect(plain.out).toContain('verdict: plain fp16 overflows silently');
    expect(plain.out).not.toContain('SLaNC');
    const cured = bittrue('check', model, '--text', text(), '--residual-scale', '8', '--slanc', 'residual');
    expect(cured.status).toBe(0);
    expect(cured.out).toContain('fp16 + SLaNC residual');
    expect(bittrue('check', join(model, 'model.safetensors'), '--text', text(), '--target', 'fp32').status).toBe(0);
    // Of the configuration asked for, which is the scaled one.
    const limited = bittrue('check', model, '--text', text(), '--slanc', 'frobenius', '--max-lost', '0.2');
    expect(limited.status).toBe(1);
    expect(limited.out).toMatch(
      /^missed: squares lost [\d.]+ %, at most 20 % asked for in \d norms?, worst in\s+layers\.0\.post/m,
    );
    const met = bittrue('check', model, '--text', text(), '--slanc', 'frobenius', '--min-sqnr', '50', '--json');
    expect(met.status).toBe(0);
    expect(JSON.parse(met.out)).toMatchObject({ limits: { minSqnr: 50 }, missed: [[]] });
  });

  it('compares all cures on request, and no verdict beside them', () => {
    const asked = ['check', model, '--text', text(130), '--residual-scale', '8', '--cures'];
    const { status, out } = bittrue(...asked);
    expect(status).toBe(0);
    expect(out).toMatch(/^none +\d+ +5 /m);
    expect(out).toMatch(/^SLaNC residual, powers of two +0 +0 /m);
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
    expect(JSON.parse(bittrue(...asked, '--json').out)).toMatchObject({ schema: 'cure-comparisons/1' });
    expect(bittrue(...asked, '--slanc', 'residual')).toMatchObject({ status: 2 });
  });

  it('gives JSON', () => {
    const { status, out } = bittrue(
      'check',
      model,
      '--text',
      text(),
      '--slanc',
      'frobenius',
      '--power-of-two',
      '--json',
    );
    expect(status).toBe(0);
    const { schema, checks } = JSON.parse(out);
    expect(schema).toBe('checks/1');
    expect(checks).toHaveLength(1);
    expect(checks[0]).toMatchObject({ schema: 'check/1', variant: 'frobenius', powerOfTwo: true, residualScale: 1 });
    expect(checks[0].norms[0].plain.report.schema).toBe('report/2');
  });

  it('takes tokens from a JSON file', () => {
    const path = join(folder(), 'tokens.json');
    writeFileSync(path, '{ "sequences": [[73, 110, 32, 116, 104, 101], [1, 2]] }');
    expect(bittrue('check', model, '--tokens', path).out).toContain('6 predictions from 2 sequences');
  });

  it('refuses a truncated checkpoint', () => {
    const path = folder();
    copyFileSync(join(model, 'config.json'), join(path, 'config.json'));
    writeFileSync(join(path, 'model.safetensors'), readFileSync(join(model, 'model.safetensors')).subarray(0, 100_000));
    for (const command of ['check', 'slanc']) {
      const { status, out, err } = bittrue(command, path);
      expect(status).toBe(2);
      expect(out).toBe('');
      expect(err).toMatch(/^bittrue: [^\n]*model\.safetensors[^\n]*expected [^\n]*received [^\n]*\n$/);
    }
  });

  it.each([
    ['a missing file', ['/nowhere'], 'FILE: '],
    ['an unknown target', [model, '--target', 'fp17'], '--target: '],
    ['a residual scale that is no number', [model, '--residual-scale', 'NaN'], '--residual-scale'],
    ['a residual scale of 0', [model, '--residual-scale', '0'], '--residual-scale: expected'],
    ['an unknown variant', [model, '--slanc', 'magic'], '--slanc: expected'],
    ['--power-of-two alone', [model, '--power-of-two'], '--power-of-two'],
    ['an option for tensors', [model, '--scale', '2'], '--scale'],
    ['a missing text', [model, '--text', '/nowhere'], '--text: '],
    ['tokens that are no JSON', [model, '--tokens', join(model, 'validation.txt')], 'validation.txt'],
    ['tokens without sequences', [model, '--tokens', join(model, 'config.json')], 'sequences'],
    ['a wrong scale in the demonstration', ['--residual-scale', 'x'], '--residual-scale'],
  ])('refuses %s', (_, args, words) => {
    const { status, out, err } = bittrue('check', ...args);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^bittrue: [^\n]*expected [^\n]*received [^\n]*\n$/);
    expect(err).toContain(words);
  });

  it('asks for a text where there is none, and for tokens where the vocabulary is no bytes', () => {
    const path = folder();
    for (const name of ['config.json', 'model.safetensors']) copyFileSync(join(model, name), join(path, name));
    expect(bittrue('check', path)).toMatchObject({ status: 2, err: expect.stringContaining('--text') });
    writeFileSync(join(path, 'validation.txt'), 'a');
    expect(bittrue('check', path)).toMatchObject({ status: 2, err: expect.stringContaining('at least 2 bytes') });
  });
});

describe('bittrue check TENSOR.npy', () => {
  const whisper = () => {
    const path = join(folder(), 'x.npy');
    writeFileSync(
      path,
      npy(
        Float64Array.from({ length: 2 * 768 }, (_, i) => (i % 2 ? 795 : -795)),
        [1, 2, 768],
      ),
    );
    return path;
  };

  it('runs a LayerNorm over the last axis', () => {
    const { status, out } = bittrue('check', whisper());
    expect(status).toBe(1);
    expect(out).toContain('layerNorm on fp16: 2 rows of 768: NOT ok');
    expect(out).toContain('-795 × (-795) -> Infinity (exact 632025)');
  });

  it('compares with a scale, and exits by it', () => {
    const { status, out } = bittrue('check', whisper(), '--scale', '0.0009765625', '--epsilon', '1e-6');
    expect(status).toBe(0);
    expect(out).toMatch(/─ before ─.*─ after ─/);
  });

  it('exits 1 where a limit is missed, and says so', () => {
    const path = join(folder(), 'x.npy');
    const small = Float64Array.from({ length: 768 }, (_, i) => (i % 2 ? 1.8e-4 : -1.8e-4));
    writeFileSync(path, npy(small, [1, 768]));
    const run = (...args: string[]) => bittrue('check', path, '--epsilon', '1e-12', ...args);
    const plain = run();
    expect(plain.status).toBe(0);
    expect(plain.out).toContain('first underflow: row 0, square, step 0');
    expect(plain.out).toContain('constants, first underflow: once a call, constants, step 0: round 1e-12 -> 0');
    expect(plain.out).toContain('squares lost 100 %');
    const missed = run('--min-sqnr', '30', '--max-lost', '0.1');
    expect(missed.status).toBe(1);
    expect(missed.out).toContain('missed: SQNR 11.6 dB, at least 30 dB asked for');
    expect(missed.out).toContain('missed: squares lost 100 %, at most 10 % asked for');
    const scaled = run('--min-sqnr', '30', '--max-lost', '0.1', '--scale', '1024');
    expect(scaled.status).toBe(0);
    expect(scaled.out).toMatch(/^before: SQNR 11\.6\d+ dB, squares lost 100 %$/m);
    expect(scaled.out).toMatch(/^after: {2}SQNR \S+ dB, squares lost 0 %$/m);
    expect(scaled.out).not.toContain('missed');
    const { limits, missed: told } = JSON.parse(run('--max-lost', '1e-1', '--json').out);
    expect(limits).toEqual({ maxLost: 0.1 });
    expect(told).toEqual([{ site: null, limit: 'maxLost', wanted: 0.1, found: 1 }]);
    for (const args of [
      ['--min-sqnr', 'x'],
      ['--max-lost', '2'],
      ['--max-lost', '-1'],
    ]) {
      expect(run(...args), args.join(' ')).toMatchObject({ status: 2, out: '' });
    }
  });

  it('names the unit that runs and how it is known, and refuses a matrix unit', async () => {
    const x = join(folder(), 'x.npy');
    writeFileSync(
      x,
      npy(
        Float64Array.from({ length: 64 }, (_, i) => (i % 2 ? 1 : -1)),
        [2, 32],
      ),
    );
    const { out } = bittrue('check', x, '--target', 'h100');
    expect(out.split('\n')[0]).toBe('layerNorm on h100:vectorF16: 2 rows of 32: ok');
    expect(out.replace(/\n +/g, ' ')).toContain(
      'on h100:vectorF16, a vector unit: computes in binary16, additions in binary16; known by: documented;',
    );
    expect(bittrue('check', x, '--target', 'h100:vectorF32').out).toContain('layerNorm on h100:vectorF32: ');
    expect(bittrue('check', x).out).toMatch(/^layerNorm on fp16: [\s\S]*on fp16:vector.*known by: definition\n$/);
    const { unit } = JSON.parse(bittrue('check', x, '--target', 'h100', '--json').out);
    expect(unit).toMatchObject({ name: 'h100:vectorF16', verified: 'documented' });
    for (const line of [
      ['check', x],
      ['check', model],
      ['bounds', 'rmsNorm', '--width', '8', '--inputs', '0..1'],
    ]) {
      const { status, err } = bittrue(...line, '--target', 'h100:int8');
      expect(status).toBe(2);
      expect(err).toMatch(/--target: expected a vector unit .* do not run: h100:vectorF16, h100:vectorF32/);
    }
    let told = '';
    const err = (text: string): void => {
      told += text;
    };
    const io = { out: () => true, err, color: false, progress: false };
    expect(await runCommand(['sweep', 'rmsNorm', '--target', 'h100:int8'], io)).toBe(2);
    expect(told).toContain('--target: expected a vector unit for rmsNorm');
    const bounded = bittrue('bounds', 'rmsNorm', '--width', '8', '--inputs', '0..1', '--target', 'h100');
    expect(bounded.out).toContain('on h100:vectorF16, a vector unit');
  });

  it('tells rows that are zero or NaN throughout, and how often a kind happened', () => {
    const x = join(folder(), 'x.npy');
    writeFileSync(
      x,
      npy(
        Float64Array.from({ length: 96 }, (_, i) => (i < 32 ? 795 : 1) * (i % 2 ? 1 : -1)),
        [3, 32],
      ),
    );
    const { out } = bittrue('check', x);
    expect(out).toContain('outputs: 32 of 96 are zero, all of row 0\n');
    expect(out.replace(/\n +/g, ' ')).toMatch(/first failure: overflow, row 0, square.*no Inf; 32 in all, in 1 row\n/);
    const { outputs } = JSON.parse(bittrue('check', x, '--json').out);
    expect(outputs).toEqual({
      ...{ count: 96, zeros: 32, nan: 0, infinite: 0 },
      ...{ zeroRows: 1, firstZeroRow: 0, nanRows: 0, firstNaNRow: null },
    });
    expect(bittrue('check', x, '--scale', '0.01').out).not.toContain('outputs: ');
    writeFileSync(
      x,
      npy(
        Float64Array.from({ length: 64 }, (_, i) => (i < 32 ? 1 : Number.NaN)),
        [2, 32],
      ),
    );
    expect(bittrue('check', x).out).toContain('outputs: 32 of 64 are NaN, all of row 1\n');
  });

  it('takes a kernel in any case, and shows the way where arguments are swapped', () => {
    const x = join(folder(), 'x.npy');
    writeFileSync(x, npy(Float64Array.of(1, 2, 3, 4), [1, 4]));
    expect(bittrue('check', x, '--kernel', 'RMSNORM').out).toMatch(/^rmsNorm on fp16/);
    for (const swapped of [
      ['h100', x],
      [x, 'h100'],
    ]) {
      const { status, err } = bittrue('check', ...swapped);
      expect(status).toBe(2);
      expect(err).toContain(
        `bittrue: FILE: expected a file, and the target as an option: bittrue check ${x} --target h100`,
      );
    }
    expect(bittrue('check', 'h100').err).toContain('bittrue check FILE --target h100');
    expect(bittrue('check', x, x).err).toContain('FILE: expected one file');
    expect(bittrue('explain', '465', 'e4m3fn').err).toContain('bittrue explain e4m3fn 465');
    expect(bittrue('verify', 'cast', 'e4m3fn', '-').err).toContain('FORMAT: expected e4m3fn here');
  });

  it('names arguments as they were typed', () => {
    const argument = (...args: string[]) => /^bittrue: (\S+): /.exec(bittrue(...args).err)?.[1];
    expect(argument('check', 'nowhere.npy')).toBe('FILE');
    expect(argument('accumulator', 'nowhere.npy', '--inputs', 'int8')).toBe('WEIGHTS');
    expect(argument('accumulator', '5*4', '--inputs', 'nowhere.npy')).toBe('--inputs');
    expect(argument('accumulator', '5*4', '--inputs=nowhere.npy')).toBe('--inputs');
    expect(argument('check', model, '--target', 'nowhere.json')).toBe('--target');
    const own = join(folder(), 'own.json');
    const { bittrue: _, ...data } = JSON.parse(bittrue('targets', 'fp16', '--json').out);
    writeFileSync(
      own,
      JSON.stringify({ ...data, vectorUnits: { vector: { ...data.vectorUnits.vector, mean: 'guess' } } }),
    );
    expect(bittrue('check', model, '--target', own).err).toMatch(/own\.json: target\.vectorUnits\.vector\.mean: /);
    expect(bittrue('check', model, '--target', `${own}:f16`).err).toContain('own.json: ');
    expect(argument('compare', 'h100:f16', 'a100:f16', '--a', 'zzz')).toBe('--a');
    expect(argument('compare', 'h100:f16', 'a100:f16', '--input', 'nowhere.npy')).toBe('--input');
    expect(argument('explain', 'zzz', '1')).toBe('FORMAT');
    expect(argument('targets', 'h101')).toBe('NAME');
    expect(argument('bounds', 'sum', '--width', '4', '--inputs', '2..1')).toBe('--inputs');
    expect(argument('quantize', '--weights', '99')).toBe('--weights');
  });

  it('runs an RMSNorm, and gives JSON', () => {
    const { status, out } = bittrue('check', whisper(), '--kernel', 'rmsNorm', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ schema: 'check-rows/1', ok: false, plain: { kernel: 'rmsNorm', rows: 2 } });
  });

  it('refuses what does not fit', () => {
    const path = join(folder(), 'x.npy');
    writeFileSync(path, npy(new Float64Array(0), [0, 4]));
    expect(bittrue('check', path)).toMatchObject({ status: 2, err: expect.stringContaining('at least one row') });
    // 5 GiB of numbers that are not there: the file is sparse.
    const header = npy(new Float64Array(0), [10 * 2 ** 16, 1024]);
    writeFileSync(path, header);
    truncateSync(path, header.length + 8 * 10 * 2 ** 26);
    for (const command of [
      ['check', path],
      ['compare-targets', 'a100:f16', 'h100:f16', '--input', path],
    ]) {
      expect(bittrue(...command)).toMatchObject({ status: 2, err: expect.stringContaining('may be split by rows') });
    }
    writeFileSync(path, npy(new Float64Array(4), [4]).subarray(0, 60));
    expect(bittrue('check', path)).toMatchObject({ status: 2, err: expect.stringMatching(/^bittrue: [^\n]*\n$/) });
    for (const args of [
      ['--slanc', 'residual'],
      ['--residual-scale', '2'],
      ['--kernel', 'x'],
      ['--scale', '0'],
      ['--epsilon', '-1'],
    ]) {
      expect(bittrue('check', whisper(), ...args), args.join(' ')).toMatchObject({ status: 2, out: '' });
    }
  });
});

describe('the progress line', () => {
  const draw = (progress: boolean, times: number[]): string => {
    let err = '';
    const append = (text: string): void => {
      err += text;
    };
    const io = { out: () => true, err: append, color: false, progress };
    const line = progressLine(io, 'c: ', () => times.shift() ?? 0);
    line.onProgress({ phase: 'fp16', done: 1, total: 4 });
    line.onProgress({ phase: 'fp16', done: 2, total: 4 });
    line.finish();
    return err;
  };

  it('comes within the first second of what lasts longer, on a terminal only, and goes away', () => {
    const quarter = `\r\u001b[K${'█'.repeat(6)}${'░'.repeat(18)}  25 %  c: fp16`;
    const half = `\r\u001b[K${'█'.repeat(12)}${'░'.repeat(12)}  50 %  c: fp16`;
    expect(draw(true, [0, 500, 1500])).toBe(`${quarter}${half}\r\u001b[K`);
    expect(draw(true, [0, 240, 480])).toBe('');
    expect(draw(true, [0, 10, 20])).toBe('');
    expect(draw(false, [0, 5000, 9000])).toBe('');
  });
});
