/**
 * What users call chips: any case, and the words that stand for several or for none of ours.
 *
 * @module
 */
import { BittrueError, nearest } from '../errors/index.ts';

/** Architectures and neighbours, in lower case: what is suggested for them, never taken silently. */
const words: Readonly<Record<string, readonly string[]>> = {
  volta: ['v100'],
  turing: ['t4'],
  ampere: ['a100', 'a2'],
  lovelace: ['ada'],
  hopper: ['h100'],
  blackwell: ['b200', 'rtxBlackwell'],
  b300: ['b200'],
  rtx4080: ['rtx4090'],
  rtx5080: ['rtx5090'],
  rtx3080: ['rtx3090'],
  nvidia: ['h100', 'b200', 'nvidiaFp16'],
  amd: ['mi300', 'mi200'],
  cdna: ['mi100'],
  cdna2: ['mi200'],
  cdna3: ['mi300'],
  mi308x: ['mi300x'],
  intel: ['amx', 'avx10', 'avx512Vnni'],
  avx512: ['avx512Bf16', 'avx512Fp16', 'avx512Vnni'],
  vnni: ['avx512Vnni'],
  arm: ['armBf16', 'armFp16', 'armInt8'],
  neon: ['armFp16', 'armBf16'],
  apple: ['neuralEngineFp16'],
  ane: ['neuralEngineFp16'],
  hexagon: ['hexagonHvx'],
  tpuv4: ['tpu'],
  tpuv5e: ['tpu'],
  cpu: ['fp32', 'avx512Fp16', 'armFp16'],
  float16: ['fp16'],
  binary16: ['fp16'],
  half: ['fp16'],
  bfloat16: ['bf16'],
  float32: ['fp32'],
  binary32: ['fp32'],
  fp8: ['e4m3fnFp16', 'e4m3fnFp32', 'e5m2Fp16'],
};

/** The name of the table that a text is in another case, else the text. */
export function targetKey(text: string, names: readonly string[]): string {
  const typed = text.toLowerCase();
  return names.includes(text) ? text : (names.find((name) => name.toLowerCase() === typed) ?? text);
}

/** The error for a text whose name is not in the table. */
export function unknownTarget(text: unknown, name: string, names: readonly string[]): BittrueError {
  const key = name.toLowerCase().replace(/[\s_-]/g, '');
  const near = Object.hasOwn(words, key) ? words[key] : nearest(name, names);
  // A near miss of another case is none: then too many units are what is wrong.
  const suggestions = near.filter((one) => one !== name);
  return new BittrueError(
    'name',
    'target',
    text,
    `NAME or NAME:UNIT, the name one of ${names.join(', ')}`,
    suggestions,
  );
}
