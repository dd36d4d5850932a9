import { describe, expect, it } from 'vitest';
import { BittrueError } from '../../src/errors/index.ts';
import { memorySource, readShardedSafetensors, readTensor, writeSafetensors } from '../../src/files/index.ts';
import { failure, utf8 } from './helpers.ts';

const one = { data: new Float32Array([1]), shape: [1] };
const files: Record<string, Uint8Array> = {
  'c.safetensors': writeSafetensors({ x: one, z: one }),
  'a.safetensors': writeSafetensors({ x: { data: new Float64Array([1, 2]), shape: [2] } }),
  'b.safetensors': writeSafetensors({ y: { data: new Float32Array([3]), shape: [1] } }),
};

function open(index: unknown) {
  const opened: string[] = [];
  const source = memorySource(utf8(typeof index === 'string' ? index : JSON.stringify(index)), 'index');
  const checkpoint = readShardedSafetensors(source, (name) => {
    opened.push(name);
    return memorySource(files[name], name);
  });
  return { checkpoint, opened };
}

describe('readShardedSafetensors', () => {
  it('joins the files, each opened once', () => {
    const { checkpoint, opened } = open({
      metadata: { total_size: 20 },
      weight_map: { y: 'b.safetensors', x: 'a.safetensors' },
    });
    expect(opened).toEqual(['b.safetensors', 'a.safetensors']);
    expect(checkpoint.metadata).toEqual({ total_size: '20' });
    expect([...readTensor(checkpoint, 'x').data]).toEqual([1, 2]);
    expect([...readTensor(checkpoint, 'y').data]).toEqual([3]);
  });

  it.each([
    ['no JSON', 'file index', '{'],
    ['an array', 'file index', []],
    ['no weight_map', 'file index: weight_map', {}],
    ['a weight_map that is a list', 'file index: weight_map', { weight_map: [] }],
    ['a tensor twice', 'file index', '{"weight_map":{"x":"a.safetensors","x":"b.safetensors"}}'],
    ['a file that lacks the tensor', 'file index: y', { weight_map: { y: 'a.safetensors' } }],
    ['a tensor that a file holds and the index leaves out', 'file index: z', { weight_map: { x: 'c.safetensors' } }],
    ['a tensor that two files hold', 'file index: x', { weight_map: { x: 'a.safetensors', z: 'c.safetensors' } }],
    ['a path upwards', 'file index: x', { weight_map: { x: '../a.safetensors' } }],
    ['a path', 'file index: x', { weight_map: { x: 'etc/a.safetensors' } }],
    ['a number', 'file index: x', { weight_map: { x: 1 } }],
  ])('refuses %s', (_, wanted, index) => {
    expect(failure(() => open(index))).toBe(wanted);
  });

  it('names the files that are missing before it reads any', () => {
    const weight_map = { x: 'a.safetensors', y: 'gone-1.safetensors', z: 'gone-2.safetensors' };
    const source = memorySource(utf8(JSON.stringify({ weight_map })), 'index');
    let reads = 0;
    const call = () =>
      readShardedSafetensors(source, (name) => {
        const found = files[name];
        if (found === undefined) throw new BittrueError('file', 'path', name, 'a file');
        const { size, read } = memorySource(found, name);
        const counted = (offset: number, length: number): Uint8Array => {
          reads++;
          return read(offset, length);
        };
        return { name, size, read: counted };
      });
    expect(call).toThrow(/^index: .*2 of 3 files .*: gone-1\.safetensors, gone-2\.safetensors/);
    expect(reads).toBe(0);
  });
});
