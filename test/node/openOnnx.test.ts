import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOnnx } from 'bittrue/node';
import { afterAll, describe, expect, it } from 'vitest';
import { failure, field, floats, utf8 } from '../files/helpers.ts';

const folder = mkdtempSync(join(tmpdir(), 'bittrue-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A model whose weight lies in another file. */
function model(location: string): Uint8Array {
  const entry = (key: string, value: string) => field(13, [...field(1, utf8(key)), ...field(2, utf8(value))]);
  const weight = [
    ...field(1, 1),
    ...field(2, 1),
    ...field(8, utf8('w')),
    ...entry('location', location),
    ...field(14, 1),
  ];
  const node = [...field(1, utf8('w')), ...field(2, utf8('y')), ...field(4, utf8('Abs'))];
  const graph = [...field(1, node), ...field(5, weight), ...field(12, field(1, utf8('y')))];
  return Uint8Array.from([...field(7, graph), ...field(8, field(2, 21))]);
}

describe('openOnnx', () => {
  const path = join(folder, 'inside', 'm.onnx');
  mkdirSync(join(folder, 'inside'));
  writeFileSync(join(folder, 'secret'), floats(7));
  writeFileSync(join(folder, 'inside', 'weights'), floats(5));
  symlinkSync(join(folder, 'secret'), join(folder, 'inside', 'link'));

  it('reads weights in files of the same folder, and follows no link out of it', async () => {
    writeFileSync(path, model('weights'));
    expect([...(await openOnnx(path).constants.w.read())]).toEqual([5]);
    for (const location of ['link', '../secret', join(folder, 'secret'), 'absent']) {
      writeFileSync(path, model(location));
      expect(failure(() => openOnnx(path))).toBe(`unsupported ${path}: w`);
    }
  });
});
