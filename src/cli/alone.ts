/**
 * Commands by their names, each loaded alone: most of the library is not read for the one that runs.
 *
 * @module
 */
import type { Add } from './program.ts';

/** How each command is had. Of one that is not here, and of help, all are loaded. */
export const alone: Readonly<Record<string, () => Promise<Add>>> = {
  accumulator: async () => (await import('./accumulator.ts')).addAccumulator,
  bounds: async () => (await import('./bounds.ts')).addBounds,
  capture: async () => (await import('./capture.ts')).addCapture,
  check: async () => (await import('./check.ts')).addCheck,
  communicate: async () => (await import('./communicate.ts')).addCommunicate,
  compare: async () => (await import('./compareTargets.ts')).addCompareTargets,
  explain: async () => (await import('./explain.ts')).addExplain,
  formats: async () => (await import('./formats.ts')).addFormats,
  identify: async () => (await import('./identify.ts')).addIdentify,
  merge: async () => (await import('./merge.ts')).addMerge,
  probe: async () => (await import('./probe.ts')).addProbe,
  quantize: async () => (await import('./quantize.ts')).addQuantize,
  recipes: async () => (await import('./recipes.ts')).addRecipes,
  simulate: async () => (await import('./simulate.ts')).addSimulate,
  slanc: async () => (await import('./slanc.ts')).addSlanc,
  sweep: async () => (await import('./sweep.ts')).addSweep,
  table: async () => (await import('./table.ts')).addTable,
  targets: async () => (await import('./targets.ts')).addTargets,
  vectors: async () => (await import('./vectors.ts')).addVectors,
  verify: async () => (await import('./verify.ts')).addVerify,
};
