import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openNpy, readNpy, readTensor, writeSafetensors } from '../../src/files/index.ts';
import { readJsonObject } from '../../src/files/json.ts';
import { embeddedModel, openFile, openModel } from '../../src/node/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'bittrue-'));
const path = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

function failure(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    const { code, argument } = error as { code?: string; argument?: string };
    return `${code} ${argument}`;
  }
  return 'no error';
}

describe('openFile', () => {
  it('reads ranges of a file', () => {
    writeFileSync(
      path('ten'),
      Uint8Array.from({ length: 10 }, (_, i) => i),
    );
    const source = openFile(path('ten'));
    expect([source.name, source.size]).toEqual([path('ten'), 10]);
    expect([...source.read(7, 3)]).toEqual([7, 8, 9]);
    expect(source.read(10, 0).length).toBe(0);
    expect(failure(() => source.read(8, 3))).toBe(`file ${path('ten')}`);
  });

  it('refuses what is no file, and a file that shrinks or goes', () => {
    expect(failure(() => openFile(path('absent')))).toBe('file path');
    expect(failure(() => openFile(folder))).toBe('file path');
    writeFileSync(path('shrinking'), new Uint8Array(10));
    const source = openFile(path('shrinking'));
    truncateSync(path('shrinking'), 5);
    expect(failure(() => source.read(0, 10))).toBe(`file ${path('shrinking')}`);
    rmSync(path('shrinking'));
    expect(failure(() => source.read(0, 5))).toBe('file path');
  });
});

describe('openModel', () => {
  const part = (name: string) => writeSafetensors({ [name]: { data: new Float32Array([1, 2]), shape: [2] } });
  const make = (name: string, files: Record<string, string | Uint8Array>): string => {
    mkdirSync(path(name));
    for (const [file, content] of Object.entries(files)) writeFileSync(join(path(name), file), content);
    return path(name);
  };

  it('opens the embedded model, by its folder or by its file', () => {
    for (const where of [embeddedModel(), join(embeddedModel(), 'model.safetensors')]) {
      const { config, checkpoint } = openModel(where);
      expect(config).toMatchObject({ model_type: 'llama', hidden_size: 128 });
      expect(checkpoint.entries.size).toBe(39);
      expect(readTensor(checkpoint, 'model.norm.weight').shape).toEqual([128]);
    }
    expect(readFileSync(join(embeddedModel(), 'validation.txt')).length).toBe(2056);
    expect(readFileSync(join(embeddedModel(), 'calibration.txt')).length).toBe(8192);
  });

  it('opens shards through their index', () => {
    const index = JSON.stringify({ weight_map: { a: 'one.safetensors', b: 'two.safetensors' } });
    const sharded = make('sharded', {
      'config.json': '{}',
      'model.safetensors.index.json': index,
      'one.safetensors': part('a'),
      'two.safetensors': part('b'),
    });
    for (const where of [sharded, join(sharded, 'model.safetensors.index.json')]) {
      expect([...readTensor(openModel(where).checkpoint, 'b').data]).toEqual([1, 2]);
    }
    rmSync(join(sharded, 'two.safetensors'));
    expect(failure(() => openModel(sharded))).toBe(`file ${join(sharded, 'model.safetensors.index.json')}`);
  });

  it('refuses folders that lack a part or hold a broken one', () => {
    const good = part('a');
    expect(failure(() => openModel(path('absent')))).toBe('file path');
    expect(failure(() => openModel(make('empty', {})))).toBe('file path');
    expect(failure(() => openModel(make('no-config', { 'model.safetensors': good })))).toBe('file path');
    const broken = make('broken-config', { 'model.safetensors': good, 'config.json': '{"a": ' });
    expect(failure(() => openModel(broken))).toBe(`file ${join(broken, 'config.json')}`);
    const truncated = make('truncated', { 'config.json': '{}', 'model.safetensors': good.subarray(0, -1) });
    expect(failure(() => openModel(truncated))).toMatch(/^file .*model\.safetensors: a\.data_offsets$/);
  });

  it('reads a copy of the embedded model elsewhere', () => {
    mkdirSync(path('copy'));
    for (const file of ['config.json', 'model.safetensors']) {
      copyFileSync(join(embeddedModel(), file), join(path('copy'), file));
    }
    expect(openModel(path('copy')).checkpoint.entries.size).toBe(39);
  });

  it('refuses what does not fit: sparse files of a terabyte as .npy, JSON, weights and text', () => {
    const sparse = (name: string, head: Uint8Array | string, size: number) => {
      writeFileSync(path(name), head);
      truncateSync(path(name), size);
      return openFile(path(name));
    };
    const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${2 ** 37},), }\n`;
    const magic = `\x93NUMPY\x01\x00${String.fromCharCode(header.length)}\x00`;
    const npy = sparse('x.npy', Buffer.from(magic + header, 'latin1'), 10 + header.length + 2 ** 40);
    expect(() => readNpy(npy)).toThrow(/x\.npy: .* received 137438953472 numbers, 1024\.0 GiB$/);
    // A part of it is another matter.
    expect(openNpy(npy).read(2 ** 37 - 3, 2 ** 37)).toEqual(new Float64Array(3));
    expect(() => readJsonObject(sparse('config.json', '{', 2 ** 40))).toThrow(/1099511627776 bytes/);
    expect(() => npy.read(0, 2 ** 40)).toThrow(/1099511627776 numbers, 1024\.0 GiB$/);
  });
});
