/**
 * The engine that a caller hands in.
 *
 * @module
 */
import type { Engine } from '../engine/engine.ts';
import { checkMade } from '../errors/index.ts';

/** The engine of some options; null: none. */
export function engineOption({ engine = null }: { readonly engine?: Engine | null }): Engine | null {
  return engine === null
    ? null
    : checkMade('options.engine', engine, ['core', 'allocator'], 'an engine, as createEngine gives it, or null');
}
