import { describe, expect, it } from 'vitest';
import { memorySource, readShardedSafetensors, readTensor, writeSafetensors } from '../../src/files/index.ts';
import { failure, utf8 } from './helpers.ts';

const files: Record<string, Uint8Array> = {
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
    ['a path upwards', 'file index: x', { weight_map: { x: '../a.safetensors' } }],
    ['a path', 'file index: x', { weight_map: { x: 'etc/a.safetensors' } }],
    ['a number', 'file index: x', { weight_map: { x: 1 } }],
  ])('refuses %s', (_, wanted, index) => {
    expect(failure(() => open(index))).toBe(wanted);
  });
});
