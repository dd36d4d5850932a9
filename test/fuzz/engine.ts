/**
 * Random calls on the engine: the specification's bits and events, on one thread and on several, and no byte written
 * outside an output.
 */
import { expect } from 'vitest';
import { createEngine, createTensor, type Engine, releaseTensor } from '../../src/engine/index.ts';
import type { OutputArray } from '../../src/kernels/index.ts';
import * as kernels from '../../src/kernels/index.ts';
import { type Answer, anyCall, type Call, carryOut, expectSame } from './calls.ts';
import { fuzz } from './watch.ts';

/** How many calls were compared, and how many of them the kernels refused. */
export interface Calls {
  calls: number;
  refused: number;
}

/** Threads run what was built: `npm test` builds first. */
const built = new URL('../../dist/', import.meta.url);

/** The engine against the specification, with first events, counts alone, and nothing recorded. */
export async function fuzzTwins(seconds: number): Promise<Calls> {
  const engine = await createEngine();
  return compare(seconds, (call) => {
    const wanted = carryOut(kernels, call, { engine: null });
    expectSame(carryOut(kernels, call, { engine }), wanted);
    for (const record of ['counts', 'off']) {
      expectSame(carryOut(kernels, call, { engine, record }), carryOut(kernels, call, { engine: null, record }));
    }
    return wanted;
  });
}

/** One to four workers against the specification, on arrays of the caller, shared ones and the engine's own. */
export async function fuzzThreads(seconds: number): Promise<Calls> {
  const own: typeof import('../../src/engine/index.ts') = await import(`${built}engine/index.js`);
  const ours: typeof kernels = await import(`${built}kernels/index.js`);
  const engines: Engine[] = [];
  for (const workers of [1, 2, 3, 4])
    engines.push({ ...(await own.createEngine({ workers })), minElementsForThreads: 0 });
  try {
    return compare(seconds, (call) => {
      const wanted = carryOut(ours, call, { engine: null });
      for (const engine of engines) {
        for (const where of ['caller', 'shared', 'engine'] as const) {
          const { inputs, release } = placed(own, engine, call.inputs, where);
          expectSame(carryOut(ours, { ...call, inputs }, { engine }), wanted);
          release();
        }
        expect(engine.allocator.used.size).toBe(0);
      }
      return wanted;
    });
  } finally {
    for (const engine of engines) await own.closeEngine(engine);
  }
}

/** The inputs in memory of that kind. */
function placed(
  own: typeof import('../../src/engine/index.ts'),
  engine: Engine,
  inputs: Call['inputs'],
  where: string,
) {
  if (where === 'caller') return { inputs, release: () => {} };
  if (where === 'shared') {
    const shared = inputs.map((x) => {
      const buffer = new SharedArrayBuffer(x.byteLength);
      const copy = x instanceof Float32Array ? new Float32Array(buffer) : new Float64Array(buffer);
      copy.set(x);
      return copy;
    });
    return { inputs: shared, release: () => {} };
  }
  const tensors = inputs.map((x) => {
    const copy =
      x instanceof Float32Array
        ? own.createTensor(engine, x.length, 'binary32')
        : own.createTensor(engine, x.length, 'binary64');
    copy.set(x);
    return copy;
  });
  return { inputs: tensors, release: () => tensors.forEach((tensor) => void own.releaseTensor(engine, tensor)) };
}

/** Bytes of pattern on either side of an output. */
const GUARD = 512;

/** Outputs inside larger arrays, of the caller and of the engine: what lies around stays, and so do inputs and options. */
export async function fuzzGuards(seconds: number): Promise<Calls> {
  const engine = await createEngine();
  return compare(seconds, (call) => {
    const wanted = carryOut(kernels, call, { engine: null });
    if (typeof wanted === 'string') return wanted;
    const before = snapshot(call);
    for (const on of [engine, null]) {
      for (const where of ['caller', 'engine'] as const) {
        for (const out of outputs(wanted.output)) {
          const bytes = out.length * out.BYTES_PER_ELEMENT + 2 * GUARD;
          const whole = where === 'engine' ? createTensor(engine, bytes, 'codes8') : new Uint8Array(bytes);
          for (let i = 0; i < bytes; i++) whole[i] = (i * 151) & 255;
          const inside = new (out.constructor as new (...args: unknown[]) => OutputArray)(
            whole.buffer,
            whole.byteOffset + GUARD,
            out.length,
          );
          const found = carryOut(kernels, call, { engine: on, out: inside });
          if (typeof found === 'string') expect(found).toMatch('beyond binary32');
          else {
            expect(found.output).toBe(inside);
            expectSame(found, wanted);
          }
          const touched = whole.findIndex((byte, i) => (i < GUARD || i >= bytes - GUARD) && byte !== ((i * 151) & 255));
          expect(touched, 'a byte outside of the output').toBe(-1);
          if (where === 'engine') releaseTensor(engine, whole);
        }
      }
    }
    expect(snapshot(call)).toEqual(before);
    return wanted;
  });
}

/** Outputs of every type that a call may be given. */
function outputs(like: OutputArray): OutputArray[] {
  return like instanceof Float64Array ? [like, new Float32Array(like.length)] : [like];
}

/** The bytes of all arrays of a call. */
function snapshot({ inputs, options }: Call): string[] {
  const arrays = [...inputs, ...Object.values(options)].filter((value) => ArrayBuffer.isView(value));
  return arrays.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
  );
}

function compare(seconds: number, property: (call: Call) => Answer): Calls {
  const found = { calls: 0, refused: 0 };
  fuzz(seconds, anyCall(), (call) => {
    const answer = property(call);
    found.calls += 1;
    if (typeof answer === 'string') found.refused += 1;
  });
  return found;
}
