/**
 * A runtime that lies where the command is called, beside a check of an ONNX file.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { type Companion, type OnnxRuntime, onnxCompanion } from '../models/index.ts';
import { openFile } from '../node/index.ts';
import { inWords, localPackage } from './localPackage.ts';

/** The packages that are such runtimes. */
const packages = ['onnxruntime-web', 'onnxruntime-node'];

/** The companion asked for by the name of its package, which is looked for from the working folder on. */
export function companionAsked(name: string, file: string): Companion {
  if (!packages.includes(name)) throw new BittrueError('name', '--companion', name, packages.join(' or '));
  const runtime = localPackage(name, '--companion') as OnnxRuntime;
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

/** One thread, and no words of its own: what the runtime warns of is the file's. */
function quiet(runtime: OnnxRuntime): void {
  const { env } = runtime as { readonly env?: { logLevel?: string; wasm?: { numThreads?: number } } };
  if (env === undefined) return;
  env.logLevel = 'error';
  if (env.wasm !== undefined) env.wasm.numThreads = 1;
}
