import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memorySource, readNpy, readNpz, writeNpy, writeNpz } from 'bittrue/files';
import { npyTensor } from 'bittrue/models';
import { openNpz } from 'bittrue/node';
import { describe, expect, it } from 'vitest';
import { folder } from '../cli/helpers.ts';
import { failure } from './helpers.ts';

/** As NumPy 2.4.6 wrote them: ids int64 [[1, 2, 3]], x float32 [0.5, −2]; by savez and by savez_compressed. */
const stored =
  'UEsDBC0AAAAAAAAAIQCV7kbc//////////8HABQAaWRzLm5weQEAEACYAAAAAAAAAJgAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAAAAAAIAAAAAAAAAAwAAAAAAAABQSwMELQAAAAAAAAAhAGJdoxT//////////wUAFAB4Lm5weQEAEACIAAAAAAAAAIgAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAA/AAAAwFBLAQItAy0AAAAAAAAAIQCV7kbcmAAAAJgAAAAHAAAAAAAAAAAAAACAAQAAAABpZHMubnB5UEsBAi0DLQAAAAAAAAAhAGJdoxSIAAAAiAAAAAUAAAAAAAAAAAAAAIAB0QAAAHgubnB5UEsFBgAAAAACAAIAaAAAAJABAAAAAA==';
const deflated =
  'UEsDBC0AAAAIAAAAIQCV7kbc//////////8HABQAaWRzLm5weQEAEACYAAAAAAAAAE8AAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkahjoKxpo6CrUKZAMuRgYIYILSzFAaAFBLAwQtAAAACAAAACEAYl2jFP//////////BQAUAHgubnB5AQAQAIgAAAAAAAAASwAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuBgYGeyA+AABQSwECLQMtAAAACAAAACEAle5G3E8AAACYAAAABwAAAAAAAAAAAAAAgAEAAAAAaWRzLm5weVBLAQItAy0AAAAIAAAAIQBiXaMUSwAAAIgAAAAFAAAAAAAAAAAAAACAAYgAAAB4Lm5weVBLBQYAAAAAAgACAGgAAAAKAQAAAAA=';
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

describe('readNpz', () => {
  it.each([
    ['stored', stored],
    ['deflated', deflated],
  ])('reads what NumPy wrote, %s', (_, text) => {
    const path = join(folder(), 'x.npz');
    writeFileSync(path, bytesOf(text));
    const members = openNpz(path);
    expect([...members.keys()]).toEqual(['ids', 'x']);
    const [ids, x] = [...members.values()].map(npyTensor);
    expect(ids).toEqual({ type: 'int64', shape: [1, 3], data: BigInt64Array.of(1n, 2n, 3n) });
    expect([x.type, x.shape, [...x.data]]).toEqual(['float', [2], [0.5, -2]]);
  });

  it('asks for an inflate where there is none, and checks what it gives', () => {
    const source = memorySource(bytesOf(deflated), 'x.npz');
    expect(failure(() => readNpz(source))).toBe('unsupported x.npz: ids.npy');
    expect(failure(() => readNpz(source, () => new Uint8Array(3)))).toBe('file x.npz: ids.npy');
    expect(failure(() => readNpz(source, (_, size) => new Uint8Array(size)))).toBe('file x.npz: ids.npy');
  });

  it('refuses an archive that is cut anywhere, or has any byte of its content changed', () => {
    const whole = bytesOf(stored);
    for (let length = 0; length < whole.length; length++) {
      expect(failure(() => readNpz(memorySource(whole.subarray(0, length), 'x.npz')))).toMatch(/^file x\.npz/);
    }
    const first = 30 + 7 + 20;
    for (let at = first; at < first + 152; at++) {
      const changed = whole.slice();
      changed[at] ^= 1;
      expect(failure(() => readNpz(memorySource(changed, 'x.npz')))).toBe('file x.npz: ids.npy');
    }
    const path = join(folder(), 'x.npz');
    const broken = bytesOf(deflated);
    broken.fill(255, 60, 90);
    writeFileSync(path, broken);
    expect(failure(() => openNpz(path))).toBe(`file ${path}`);
  });

  it('refuses a name twice, and a member that is encrypted', () => {
    const twice = bytesOf(stored);
    const central = 0x190;
    const second = central + 46 + 7;
    const rename = bytesOf(stored);
    rename.set(new TextEncoder().encode('x.npy'), central + 46);
    rename.set(new TextEncoder().encode('ids'), second);
    twice[central + 8] |= 1;
    expect(failure(() => readNpz(memorySource(twice, 'x.npz')))).toBe('unsupported x.npz');
    expect(failure(() => readNpz(memorySource(rename, 'x.npz')))).toMatch(/^file x\.npz/);
  });

  it('answers every changed byte by an error of its own or by the same content', () => {
    const whole = bytesOf(stored);
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] ^= 0x81;
      expect(failure(() => [...readNpz(memorySource(changed, 'x.npz')).values()].map(npyTensor))).toMatch(
        /^(no error$|(file|unsupported|name) )/,
      );
    }
  });
});

describe('writeNpz', () => {
  it('writes the bytes of an archive', () => {
    const [name, content] = [[...Buffer.from('x.npy')], [...writeNpy({ data: Uint8Array.of(7), shape: [1] })]];
    const checksum = [...Buffer.from(new Uint32Array([crcOf(Uint8Array.from(content))]).buffer)];
    const facts = [20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0, ...checksum, 129, 0, 0, 0, 129, 0, 0, 0, 5, 0, 0, 0];
    const head = [0x50, 0x4b, 3, 4, ...facts];
    const entry = [0x50, 0x4b, 1, 2, 20, 0, ...facts, ...new Array(14).fill(0)];
    const end = [0x50, 0x4b, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0, 51, 0, 0, 0, 164, 0, 0, 0, 0, 0];
    expect([...writeNpz({ x: { data: Uint8Array.of(7), shape: [1] } })]).toEqual([
      ...head,
      ...name,
      ...content,
      ...entry,
      ...name,
      ...end,
    ]);
  });

  it('is undone by the reader, in order, whatever the names', () => {
    const tensors = {
      'layers.0/x': { data: Float32Array.of(0.5, -2), shape: [2] },
      'é x.npy': { data: BigInt64Array.of(2n ** 60n), shape: [1] },
      empty: { data: new Int8Array(0), shape: [0, 3] },
    };
    const bytes = writeNpz(tensors);
    expect(Buffer.from(writeNpz(tensors)).equals(Buffer.from(bytes))).toBe(true);
    const members = readNpz(memorySource(bytes, 'x.npz'));
    expect([...members.keys()]).toEqual(Object.keys(tensors));
    expect([...members.values()].map((one) => [...readNpy(one).data])).toEqual([[0.5, -2], [2 ** 60], []]);
    expect(readNpz(memorySource(writeNpz({})), undefined).size).toBe(0);
  });

  it('refuses bad input', () => {
    const one = { data: new Float32Array(1), shape: [1] };
    expect(failure(() => writeNpz({ '': one }))).toBe('name tensors');
    expect(failure(() => writeNpz({ 'a\0': one }))).toBe('name tensors');
    expect(failure(() => writeNpz({ a: { ...one, shape: [2] } }))).toBe('shape tensors.a');
    expect(failure(() => writeNpz(null as never))).toBe('type tensors');
  });
});

/** The checksum a bit at a time, as its polynomial says. */
function crcOf(bytes: Uint8Array): number {
  let sum = 0xffff_ffffn;
  for (const byte of bytes) {
    sum ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) sum = (sum >> 1n) ^ (sum & 1n ? 0xedb8_8320n : 0n);
  }
  return Number(sum ^ 0xffff_ffffn);
}
