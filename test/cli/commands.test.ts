import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { embeddedModel } from '../../src/node/index.ts';
import { defineTarget, fp16, targets } from '../../src/targets/index.ts';
import { bittrue, folder } from './helpers.ts';

describe('bittrue', () => {
  it('prints its version and its help, status 0', () => {
    expect(bittrue('--version')).toMatchObject({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
    const help = bittrue('--help');
    expect(help.status).toBe(0);
    for (const name of ['check', 'slanc', 'explain', 'table', 'targets']) expect(help.out).toContain(name);
  });

  it('says in ten lines of 80 columns what it can do when nothing is asked for', () => {
    const { status, out, err } = bittrue();
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    for (const command of ['check', 'explain', 'formats', 'targets', 'compare', 'verify'])
      expect(out).toContain(`bittrue ${command}`);
    expect(bittrue('--no-color').out).toBe(out);
  });

  it.each([
    ['an unknown command', ['chekc']],
    ['an unknown option', ['table', 'e2m1', '--colour']],
    ['a missing argument', ['explain', 'binary16']],
    ['too many arguments', ['table', 'e2m1', 'e4m3']],
    ['an option without its value', ['check', '--target']],
  ])('takes %s as wrong usage, status 2', (_, args) => {
    const { status, out, err } = bittrue(...args);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).not.toBe('');
  });
});

describe('bittrue explain', () => {
  it('explains a number', () => {
    const { status, out, err } = bittrue('explain', 'e4m3fn', '465');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('465 in e4m3fn is NaN');
    expect(out).toContain('448');
  });

  it.each(['-1.5', '-.5', '-1e-5', '-0', '-Infinity', '-NaN', '+2', '1e999'])('takes %s for a number', (number) => {
    const { status, out } = bittrue('explain', 'binary16', number, '--rounding', 'towardZero');
    expect(status).toBe(0);
    expect(out).toContain(`${number} in binary16 is`);
    expect(out).toContain('towardZero *');
  });

  it('takes policies, and gives JSON', () => {
    const policy = ['--overflow', 'saturate', '--subnormals', 'flushBoth', '--tininess', 'beforeRounding'];
    const { out } = bittrue('explain', 'e4m3fn', '1e9', ...policy, '--json');
    const told = JSON.parse(out);
    expect(told).toMatchObject({ schema: 'explanation/1', format: 'e4m3fn', result: { value: 448 } });
    expect(told.policy).toMatchObject({ subnormals: 'flushBoth', tininess: 'beforeRounding' });
    expect(JSON.parse(bittrue('explain', 'binary16', '-Infinity', '--json').out).result.value).toBe('-Infinity');
  });

  it.each([
    [['explain', 'e4m3fm', '1'], 'FORMAT'],
    [['explain', 'binary16', 'abc'], 'expected a number'],
    [['explain', 'binary16', '1', '--overflow', 'clip'], '--overflow: '],
    [['explain', 'binary16', '1', '--rounding', 'up'], '--rounding: '],
    [['explain', 'int8', 'NaN'], 'expected'],
  ])('refuses %j in one line', (args, words) => {
    const { status, out, err } = bittrue(...args);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^bittrue: [^\n]*expected [^\n]*received [^\n]*\n$/);
    expect(err).toContain(words);
  });
});

describe('bittrue table', () => {
  it('prints values', () => {
    expect(bittrue('table', 'e2m1')).toMatchObject({ status: 0, out: expect.stringContaining('0x8   -0  -0.5') });
  });

  it('gives limits and values as JSON', () => {
    const data = JSON.parse(bittrue('table', 'e4m3fn', '--json').out);
    expect(data).toMatchObject({ schema: 'format/1', format: 'e4m3fn', type: 'float', max: 448, codeCount: 256 });
    expect(data.values).toHaveLength(256);
    expect(data.values[0x80]).toBe('-0');
    expect(data.values[0x7f]).toBe('NaN');
    expect(JSON.parse(bittrue('table', 'binary32', '--json').out)).not.toHaveProperty('values');
  });

  it('refuses an unknown format', () => {
    expect(bittrue('table', 'fp17')).toMatchObject({
      status: 2,
      err: expect.stringMatching(/^bittrue: FORMAT: .*received 'fp17': did you mean binary16 \(largest 65504\)\?\n$/),
    });
  });
});

describe('bittrue targets', () => {
  it('lists them, or prints one', () => {
    const { status, out } = bittrue('targets');
    expect(status).toBe(0);
    for (const name of Object.keys(targets)) expect(out).toContain(name);
    expect(bittrue('targets', 'fp16').out).toContain('fp16: binary16 everywhere');
  });

  it('writes a target that it reads again', () => {
    const path = join(folder(), 'mine.json');
    const { out } = bittrue('targets', 'fp16', '--json');
    const { bittrue: _version, schema, ...target } = JSON.parse(out);
    expect(schema).toBe('target/2');
    expect(defineTarget(target)).toEqual(fp16);
    writeFileSync(path, out);
    expect(bittrue('targets', path, '--json').out).toBe(out);
    expect(JSON.parse(bittrue('targets', '--json').out).targets).toHaveLength(Object.keys(targets).length);
  });

  it.each([
    ['an unknown name', 'fp17', 'NAME'],
    ['a missing file', 'nowhere.json', 'NAME'],
  ])('refuses %s', (_, name, argument) => {
    expect(bittrue('targets', name)).toMatchObject({
      status: 2,
      err: expect.stringContaining(`bittrue: ${argument}: expected`),
    });
  });

  it('refuses a file that is no target', () => {
    const path = join(folder(), 'wrong.json');
    for (const text of ['{', '[]', '{}', '{"name":"x","vector":{"load":{"format":"fp17"}}}']) {
      writeFileSync(path, text);
      expect(bittrue('targets', path), text).toMatchObject({
        status: 2,
        err: expect.stringMatching(/^bittrue: .*expected .*\n$/),
      });
    }
  });
});

describe('bittrue slanc', () => {
  it('prints scales as JSON, or a table', () => {
    const { status, out, err } = bittrue('slanc', embeddedModel(), '--variant', 'residual', '--power-of-two');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const scales = JSON.parse(out);
    expect(scales).toMatchObject({ schema: 'slanc/1', variant: 'residual', powerOfTwo: true });
    expect(scales.norms).toHaveLength(9);
    expect(scales.norms[2].scale).toBe(2 ** -4);
    expect(bittrue('slanc', embeddedModel(), '--table').out).toContain('SLaNC frobenius: 9 norms');
  });

  it.each([
    ['a missing folder', ['/nowhere'], 'MODEL: '],
    ['an unknown variant', [embeddedModel(), '--variant', 'magic'], '--variant'],
    ['a file that is no model', [join(embeddedModel(), 'config.json')], 'weight_map'],
  ])('refuses %s', (_, args, words) => {
    const { status, err } = bittrue('slanc', ...args);
    expect(status).toBe(2);
    expect(err).toMatch(/^bittrue: [^\n]*\n$/);
    expect(err).toContain(words);
  });
});
