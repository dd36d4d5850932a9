/** Where WebAssembly, address space or threads are missing: a clear error, or the specification and a word of it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createAllocator } from '../../src/engine/allocator.ts';
import { createEngine } from '../../src/engine/index.ts';
import { compile, instantiate } from '../../src/engine/module.ts';
import { mergeReports } from '../../src/events/index.ts';
import { binary16 } from '../../src/formats/index.ts';
import { cast, layerNorm } from '../../src/kernels/index.ts';
import { formatReport } from '../../src/reports/index.ts';
import { fp16 } from '../../src/targets/index.ts';

const built = new URL('../../dist/', import.meta.url);
const isBuilt = existsSync(new URL('kernels/threads/worker.js', built));
if (!isBuilt) console.warn('environments: skipped, dist/ is absent (npm run build)');

const program = `
  import { createEngine, closeEngine, prepare } from '${built}engine/index.js';
  import { cast } from '${built}kernels/index.js';
  import { binary16 } from '${built}formats/index.js';
  // Small runs want no engine.
  const x = Float64Array.from({ length: 100_000 }, (_, i) => (i % 2 ? 70000 : 1.0001));
  const { output, report } = cast(x, { format: binary16 });
  const found = [output.slice(0, 2).join(), report.fallback ?? 'none'];
  for (const workers of [1, 2]) {
    const engine = await createEngine({ workers }).catch(({ name, code, argument }) => found.push([name, code, argument].join(' ')));
    if (typeof engine === 'object') found.push('engine'), await closeEngine(engine);
  }
  found.push(await prepare().then(() => 'prepared', ({ name, code }) => [name, code].join(' ')));
  console.log(JSON.stringify(found));`;

function runIn(command: string, ...args: string[]): unknown {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

describe.skipIf(!isBuilt)('what is missing is told', () => {
  const source = ['--input-type=module', '-e', program];

  it('WebAssembly', () => {
    const refusal = 'BittrueError unsupported engine';
    const found = runIn(process.execPath, '--jitless', ...source);
    expect(found).toEqual(['1,Infinity', 'webAssembly', refusal, refusal, 'BittrueError unsupported']);
  });

  it('permission for threads', () => {
    const flag = Number.parseInt(process.versions.node, 10) < 24 ? '--experimental-permission' : '--permission';
    const found = runIn(process.execPath, flag, '--allow-fs-read=*', ...source);
    expect(found).toEqual(['1,Infinity', 'none', 'engine', 'BittrueError unsupported options.workers', 'prepared']);
  });

  const isLimited = process.platform === 'linux';
  const runWithin = (kilobytes: number, from = source) =>
    runIn('/bin/sh', '-c', `ulimit -v ${kilobytes} && exec "$0" "$@"`, process.execPath, ...from);

  it.skipIf(!isLimited)('address space', () => {
    const refusal = 'BittrueError range engine.memory';
    expect(runWithin(4_000_000)).toEqual(['1,Infinity', 'memory', refusal, refusal, 'prepared']);
  });

  it.skipIf(!isLimited)('address space for threads, for lack of which V8 would end the process', () => {
    const alone = ['--input-type=module', '-e'];
    const sizes = `
      import { readFileSync } from 'node:fs';
      import { createEngine } from '${built}engine/index.js';
      await createEngine();
      console.log(readFileSync('/proc/self/status', 'utf8').match(/VmSize:\\s+(\\d+)/)[1]);`;
    const size = runIn(process.execPath, ...alone, sizes) as number;
    const two = `
      import { createEngine } from '${built}engine/index.js';
      const error = await createEngine({ workers: 2 }).catch((reason) => reason);
      console.log(JSON.stringify([error.code, error.argument]));`;
    // Room for an engine, but for no thread.
    expect(runWithin(size + 300_000, [...alone, two])).toEqual(['range', 'options.workers']);
  });
});

describe('a report', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
  const core = instantiate(compile(false), memory);
  const full = {
    isShared: false,
    core,
    allocator: createAllocator(memory, false),
    pool: null,
    minElementsForThreads: 0,
  };

  it('tells that the specification ran for lack of memory', () => {
    const x = new Float64Array(2 ** 16).fill(300);
    const { output, report } = cast(x, { format: binary16, engine: full });
    const plain = cast(x, { format: binary16, engine: null });
    expect(report).toEqual({ ...plain.report, fallback: 'memory' });
    expect(output).toEqual(plain.output);
    expect(plain.report).not.toHaveProperty('fallback');
    expect(mergeReports([plain.report, report]).fallback).toBe('memory');
    expect(formatReport(report)).toContain('for lack of memory the specification ran');
    expect(layerNorm(x, { rows: 64, width: 1024, target: fp16, engine: full }).report.fallback).toBe('memory');
  });

  it('tells nothing of a specification that was asked for, or that alone can do it', () => {
    expect(cast([1], { format: binary16, engine: full, record: 'all' }).report).not.toHaveProperty('fallback');
    const { report } = cast([1], { format: binary16, policy: { rounding: 'stochastic' }, engine: full });
    expect(report).not.toHaveProperty('fallback');
  });
});

it('more threads than make sense are refused', async () => {
  await expect(createEngine({ workers: 256_000 })).rejects.toThrow('four times availableWorkers()');
});
