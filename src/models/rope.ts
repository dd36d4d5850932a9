/**
 * Rotary positions as a config.json tells them: the base of the angles, and how they are stretched for longer texts.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { type Fields, WAYS_ON } from './fields.ts';
import type { RotaryPlan } from './plan.ts';

/** Radians a position of pair i: θ^(−2i / width). */
function plainFrequencies(width: number, theta: number): number[] {
  return Array.from({ length: width / 2 }, (_, i) => theta ** ((-2 * i) / width));
}

/** What a family's rotary positions are by default. */
export interface RopeDefaults {
  readonly theta: number;
  /** Width of a head. */
  readonly headWidth: number;
  /** The share of a head that turns: its field, and the value where the field is absent. Default: all of it. */
  readonly share?: { readonly field: string; readonly usual: number };
  /** The field of the base. Default `rope_theta`. */
  readonly base?: string;
  /** The longest sequence that the model was trained on. */
  readonly context: number;
  /** The same before positions were stretched, where a field beside `rope_scaling` says it. */
  readonly original?: number;
}

/**
 * Reads `rope_theta` and `rope_scaling`, or `rope_parameters`, as newer files have them.
 *
 * Kinds: `default`; `linear` (positions divided by a factor); `llama3` (Llama 3.1: long waves divided by the factor, short ones
 * kept, those between blended); `dynamic` (the same as `default` up to the context, and no more is run); `yarn` (Peng et al.
 * 2023, arXiv 2309.00071: by parts, cosines and sines times 0.1 ln(factor) + 1); `longrope` (Ding et al. 2024, arXiv 2402.13753: each
 * frequency divided by its own number of a list, one for sequences up to the original length, and no longer ones are run).
 *
 * @throws {@link BittrueError} `unsupported` for another kind, by name
 */
export function readRope(
  fields: Fields,
  { theta, headWidth, share, base = 'rope_theta', context, original }: RopeDefaults,
): RotaryPlan {
  const parameters = fields.record('rope_parameters');
  const own = fields.positive(base, theta);
  const portion = share === undefined ? 1 : fields.positive(share.field, share.usual);
  const scaling = parameters ?? fields.record('rope_scaling');
  const isPartial = share !== undefined;
  return ropeOf(scaling, {
    theta: own,
    portion,
    headWidth,
    context,
    isPartial,
    ...(original === undefined ? {} : { original }),
  });
}

interface Rope {
  readonly theta: number;
  readonly portion: number;
  readonly headWidth: number;
  readonly context: number;
  readonly isPartial?: boolean;
  readonly original?: number;
}

/** The plan of one record of rope parameters. */
export function ropeOf(
  scaling: Fields | null,
  { theta, portion, headWidth, context, isPartial = false, original = context }: Rope,
): RotaryPlan {
  const base = scaling?.positive('rope_theta', theta) ?? theta;
  const given = isPartial ? (scaling?.positive('partial_rotary_factor', portion) ?? portion) : portion;
  const width = Math.floor(headWidth * given);
  if (width % 2 !== 0 || width < 2 || width > headWidth) {
    throw new BittrueError(
      'shape',
      'config.head_dim',
      width,
      `an even width up to ${headWidth}: rotary embeddings turn pairs`,
    );
  }
  const plain = plainFrequencies(width, base);
  const done = (frequencies: readonly number[], factor = 1, longest: number | null = null): RotaryPlan => ({
    name: 'rotary',
    width,
    isPartial: width < headWidth,
    isInterleaved: false,
    frequencies,
    factor,
    longest,
  });
  if (scaling === null) return done(plain);
  const older = scaling.any('type');
  const kind = scaling.any('rope_type') ?? older ?? 'default';
  switch (kind) {
    case 'default':
      return done(plain);
    case 'dynamic':
      scaling.positive('factor');
      scaling.ignore('original_max_position_embeddings');
      return done(plain);
    case 'linear': {
      const factor = scaling.positive('factor');
      return done(plain.map((frequency) => frequency / factor));
    }
    case 'llama3': {
      const [factor, low, high] = ['factor', 'low_freq_factor', 'high_freq_factor'].map((name) =>
        scaling.positive(name),
      );
      const before = scaling.count('original_max_position_embeddings');
      return done(
        plain.map((frequency) => {
          const wave = (2 * Math.PI) / frequency;
          if (wave > before / low) return frequency / factor;
          if (wave < before / high) return frequency;
          const share = (before / wave - low) / (high - low);
          return ((1 - share) * frequency) / factor + share * frequency;
        }),
      );
    }
    case 'yarn':
      return yarn(scaling, plain, { width, theta: base, context }, done);
    case 'longrope':
    case 'su':
      return long(scaling, plain, { context, original }, done);
    default:
      throw new BittrueError(
        'unsupported',
        `${scaling.path}.rope_type`,
        kind,
        `default, linear, dynamic, llama3, yarn or longrope${WAYS_ON}`,
      );
  }
}

type Done = (frequencies: readonly number[], factor?: number, longest?: number | null) => RotaryPlan;

/** Frequencies by parts: those that turn often are kept, those that turn rarely divided by the factor. */
function yarn(
  scaling: Fields,
  plain: readonly number[],
  { width, theta, context }: { readonly width: number; readonly theta: number; readonly context: number },
  done: Done,
): RotaryPlan {
  const before = scaling.count('original_max_position_embeddings', context);
  const factor = scaling.positive('factor', context / before);
  const attention = scaling.positive('attention_factor', factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1);
  const turns = (count: number): number => (width * Math.log(before / (count * 2 * Math.PI))) / (2 * Math.log(theta));
  const isWhole = scaling.flag('truncate', true);
  const [first, last] = [turns(scaling.positive('beta_fast', 32)), turns(scaling.positive('beta_slow', 1))];
  const low = Math.max(isWhole ? Math.floor(first) : first, 0);
  const high = Math.min(isWhole ? Math.ceil(last) : last, width - 1);
  const reach = high === low ? 0.001 : high - low;
  return done(
    plain.map((frequency, i) => {
      const kept = 1 - Math.min(1, Math.max(0, (i - low) / reach));
      return (frequency / factor) * (1 - kept) + frequency * kept;
    }),
    attention,
  );
}

/**
 * Every frequency divided by its number of a list. Sequences beyond the original length have another list, for all of their positions:
 * where the two are not the same, they are not run.
 */
function long(
  scaling: Fields,
  plain: readonly number[],
  { context, original }: { readonly context: number; readonly original: number },
  done: Done,
): RotaryPlan {
  const before = scaling.count('original_max_position_embeddings', original);
  const factor = before < context ? context / before : scaling.positive('factor', 1);
  scaling.ignore('factor');
  const usual = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(before));
  const attention = scaling.positive('attention_factor', usual);
  const list = (name: string): readonly number[] => {
    const value = scaling.any(name);
    const isList =
      Array.isArray(value) && value.length === plain.length && value.every((one) => Number.isFinite(one) && one > 0);
    if (isList) return value;
    throw new BittrueError('type', `${scaling.path}.${name}`, value, `${plain.length} numbers above 0, one a pair`);
  };
  const [short, far] = [list('short_factor'), list('long_factor')];
  const isSame = short.every((one, i) => one === far[i]);
  return done(
    plain.map((frequency, i) => frequency / short[i]),
    attention,
    isSame ? null : before,
  );
}
