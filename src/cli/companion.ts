/**
 * A runtime that lies where the command is called, beside a check of an ONNX file.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BittrueError } from '../errors/index.ts';
import { type Companion, type OnnxRuntime, onnxCompanion } from '../models/index.ts';
import { openFile } from '../node/index.ts';

/** The packages that are such runtimes. */
const packages = ['onnxruntime-web', 'onnxruntime-node'];

/** The companion asked for by the name of its package, which is looked for from the working folder on. */
export function companionAsked(name: string, file: string): Companion {
  if (!packages.includes(name)) throw new BittrueError('name', '--companion', name, packages.join(' or '));
  const runtime = load(name);
  quiet(runtime);
  const source = openFile(file);
  const { names, values } = onnxCompanion(runtime, source.read(0, source.size));
  return {
    names,
    values: (feeds, wanted) =>
      values(feeds, wanted).catch((error: unknown) => {
        if (error instanceof BittrueError) throw error;
        throw new BittrueError('unsupported', source.name, inWords(error), `a file that ${name} runs`);
      }),
  };
}

/** The first line of what something threw. */
function inWords(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}

function load(name: string): OnnxRuntime {
  try {
    return createRequire(join(process.cwd(), 'resolve.js'))(name) as OnnxRuntime;
  } catch (error) {
    throw new BittrueError('file', '--companion', inWords(error), `a package that is there: npm install ${name}`);
  }
}

/** One thread, and no words of its own: what the runtime warns of is the file's. */
function quiet(runtime: OnnxRuntime): void {
  const { env } = runtime as { readonly env?: { logLevel?: string; wasm?: { numThreads?: number } } };
  if (env === undefined) return;
  env.logLevel = 'error';
  if (env.wasm !== undefined) env.wasm.numThreads = 1;
}
