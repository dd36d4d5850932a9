/**
 * The WebAssembly module: decoded and compiled once, instantiated on any memory.
 *
 * @module
 */
import { base64, type Exports } from './wasm.ts';

/** An address in the module's memory, in bytes. */
export type Pointer = number;

/** What one thread needs to run kernels: the module's functions and its memory. */
export interface Core {
  readonly call: Exports;
  readonly memory: WebAssembly.Memory;
}

/**
 * The module's bytes for shared or plain memory. They differ in one byte, the limits flag of the memory import:
 * 3 (maximum, shared) or 1 (maximum).
 */
function bytesFor(isShared: boolean): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  if (isShared) return bytes;
  // The import section is the second: (type section) (import section: id 2, size, count, "env", "memory", kind 2, flags).
  const marker = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2];
  const at = bytes.findIndex((_, i) => marker.every((byte, k) => bytes[i + k] === byte));
  bytes[at + marker.length] = 1;
  return bytes;
}

const compiled: { shared?: WebAssembly.Module; plain?: WebAssembly.Module } = {};

/** Compiles at once. Browsers may refuse that on their main thread; then `prepare` must have run. */
export function compile(isShared: boolean): WebAssembly.Module {
  const key = isShared ? 'shared' : 'plain';
  const module = compiled[key] ?? new WebAssembly.Module(bytesFor(isShared));
  compiled[key] = module;
  return module;
}

/** Compiles in the background, for every later engine. */
export async function compileAhead(isShared: boolean): Promise<void> {
  const key = isShared ? 'shared' : 'plain';
  compiled[key] ??= await WebAssembly.compile(bytesFor(isShared));
}

/** The module's functions on a memory. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Core {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { call: exports as unknown as Exports, memory };
}
