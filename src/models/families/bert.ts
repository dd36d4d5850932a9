/**
 * BERT and RoBERTa: norms behind the sums, attention in both directions, tables of positions and of token types.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { Fields } from '../fields.ts';
import type { EncoderPlan, LayerPlan, NormPlan, OutputPlan, StepPlan } from '../plan.ts';
import {
  activationNames,
  checkHeads,
  dense,
  type EncoderFamily,
  embeddingOf,
  layer,
  type ModelConfig,
  plainAttention,
  postNorm,
  type ShapeOf,
  ungated,
} from './family.ts';

/** Fields that concern heads, training or generation alone. */
const idle =
  'classifier_dropout attention_probs_dropout_prob hidden_dropout_prob gradient_checkpointing position_embedding_type ' +
  'pooler_fc_size pooler_num_attention_heads pooler_num_fc_layers pooler_size_per_head pooler_type directionality';

/** γ and β as the file calls them: the first checkpoints said gamma and beta. */
function normOf(name: string, width: number, epsilon: number, shapeOf: ShapeOf): NormPlan {
  const plan = layer(name, width, epsilon);
  if (shapeOf(`${name}.gamma`) === undefined) return plan;
  return { ...plan, weight: `${name}.gamma`, bias: `${name}.beta` };
}

interface Parts {
  readonly config: ModelConfig;
  readonly types: number;
  /** The row of the first position. */
  readonly offset: number;
  readonly layerOf: (at: string, shapeOf: ShapeOf) => LayerPlan;
}

function readParts(fields: Fields, offsetOf: (fields: Fields) => number): Parts {
  fields.ignore(idle);
  const kind = fields.any('position_embedding_type') ?? 'absolute';
  if (kind !== 'absolute') throw new BittrueError('unsupported', 'config.position_embedding_type', kind, 'absolute');
  fields.only('is_decoder', [false], 'attention in both directions');
  fields.only('add_cross_attention', [false], 'no attention to another model');
  const hidden = fields.count('hidden_size', 768);
  const heads = fields.count('num_attention_heads', 12);
  const headWidth = checkHeads('num_attention_heads', heads, 'hidden_size', hidden);
  const offset = offsetOf(fields);
  const intermediate = fields.count('intermediate_size', 3072);
  const epsilon = fields.positive('layer_norm_eps', 1e-12);
  const activation = fields.choice('hidden_act', activationNames, 'gelu');
  const config: ModelConfig = {
    vocabulary: fields.count('vocab_size'),
    hidden,
    intermediate,
    layers: fields.count('num_hidden_layers', 12),
    heads,
    keyValueHeads: heads,
    headWidth,
    context: fields.count('max_position_embeddings', 512) - offset,
    epsilon,
    tied: fields.flag('tie_word_embeddings', true),
  };
  const layerOf = (at: string, shapeOf: ShapeOf): LayerPlan => {
    const own = (name: string) => dense(`${at}attention.self.${name}`, hidden, hidden, true);
    return {
      attention: postNorm(
        {
          ...plainAttention(heads, headWidth, false),
          projections: { kind: 'separate', query: own('query'), key: own('key'), value: own('value') },
          output: dense(`${at}attention.output.dense`, hidden, hidden, true),
        },
        normOf(`${at}attention.output.LayerNorm`, hidden, epsilon, shapeOf),
      ),
      mlp: postNorm(
        ungated(
          dense(`${at}intermediate.dense`, hidden, intermediate, true),
          dense(`${at}output.dense`, intermediate, hidden, true),
          activation,
        ),
        normOf(`${at}output.LayerNorm`, hidden, epsilon, shapeOf),
      ),
      isParallel: false,
    };
  };
  return { config, types: fields.count('type_vocab_size', 2), offset, layerOf };
}

function plan(
  { config, types, offset, layerOf }: Parts,
  prefix: string,
  shapeOf: ShapeOf,
  outputs: readonly OutputPlan[],
): EncoderPlan {
  const { vocabulary, hidden, context, epsilon, layers } = config;
  const at = `${prefix}embeddings.`;
  return {
    kind: 'encoder',
    towers: [
      {
        input: {
          kind: 'tokens',
          embedding: {
            ...embeddingOf(`${at}word_embeddings.weight`, vocabulary, hidden),
            positions: { weight: `${at}position_embeddings.weight`, rows: context + offset, width: hidden, offset },
            types: { weight: `${at}token_type_embeddings.weight`, rows: types },
            norm: normOf(`${at}LayerNorm`, hidden, epsilon, shapeOf),
          },
        },
        at: 'layers.',
        stack: { layers, layer: (index) => layerOf(`${prefix}encoder.layer.${index}.`, shapeOf), finalNorm: null },
        outputs: [{ name: 'last_hidden_state', rows: 'all', steps: [], width: hidden }, ...outputs],
      },
    ],
    contrast: null,
  };
}

/** The first row through a square matrix and tanh. */
function pooler(prefix: string, hidden: number, shapeOf: ShapeOf): readonly StepPlan[] | null {
  if (shapeOf(`${prefix}pooler.dense.weight`) === undefined) return null;
  return [{ linear: dense(`${prefix}pooler.dense`, hidden, hidden, true) }, { activation: 'tanh' }];
}

/** A head of so many classes, where the file has one. */
function classes(name: string, hidden: number, shapeOf: ShapeOf): { step: StepPlan; width: number } | null {
  const width = shapeOf(`${name}.weight`)?.[0];
  return width === undefined ? null : { step: { linear: dense(name, hidden, width, true) }, width };
}

const bert: EncoderFamily = {
  kind: 'encoder',
  name: 'bert',
  title: 'BERT',
  classes: /^bert/i,
  prefixes: ['bert.', ''],
  probe: 'embeddings.word_embeddings.weight',
  buffers: /^(bert\.)?embeddings\.(position_ids|token_type_ids)$/,
  leftOut: null,
  read(fields) {
    const parts = readParts(fields, () => 0);
    const { hidden, vocabulary, epsilon, tied } = parts.config;
    return {
      config: parts.config,
      plan: (prefix, shapeOf) => {
        const outputs: OutputPlan[] = [];
        const pooled = pooler(prefix, hidden, shapeOf);
        const said = classes('classifier', hidden, shapeOf);
        const next = classes('cls.seq_relationship', hidden, shapeOf);
        const [first] = [said, next].filter((one) => one !== null);
        if (pooled !== null) {
          if (first === undefined) outputs.push({ name: 'pooler_output', rows: 'first', steps: pooled, width: hidden });
          else outputs.push({ name: 'logits', rows: 'first', steps: [...pooled, first.step], width: first.width });
        } else if (said !== null) outputs.push({ name: 'logits', rows: 'all', steps: [said.step], width: said.width });
        const head = 'cls.predictions';
        if (shapeOf(`${head}.bias`) !== undefined) {
          const words = `${prefix}embeddings.word_embeddings.weight`;
          const out = {
            ...dense(`${head}.decoder`, hidden, vocabulary),
            bias: `${head}.bias`,
            tiedTo: tied ? words : null,
          };
          const steps: StepPlan[] = [
            { linear: dense(`${head}.transform.dense`, hidden, hidden, true) },
            { activation: fields.choice('hidden_act', activationNames, 'gelu') },
            { norm: normOf(`${head}.transform.LayerNorm`, hidden, epsilon, shapeOf) },
            { linear: out },
          ];
          outputs.push({ name: 'prediction_logits', rows: 'all', steps, width: vocabulary });
        }
        return plan(parts, prefix, shapeOf, outputs);
      },
    };
  },
};

const roberta: EncoderFamily = {
  kind: 'encoder',
  name: 'roberta',
  title: 'RoBERTa',
  classes: /^roberta/i,
  prefixes: ['roberta.', ''],
  probe: 'embeddings.word_embeddings.weight',
  buffers: /^(roberta\.)?embeddings\.(position_ids|token_type_ids)$/,
  leftOut: null,
  read(fields) {
    const parts = readParts(fields, (own) => Number(own.any('pad_token_id') ?? 1) + 1);
    const { hidden, vocabulary, epsilon, tied } = parts.config;
    return {
      config: parts.config,
      plan: (prefix, shapeOf) => {
        const outputs: OutputPlan[] = [];
        const pooled = pooler(prefix, hidden, shapeOf);
        if (pooled !== null) outputs.push({ name: 'pooler_output', rows: 'first', steps: pooled, width: hidden });
        const said = classes('classifier.out_proj', hidden, shapeOf);
        if (said !== null) {
          const before: StepPlan[] = [
            { linear: dense('classifier.dense', hidden, hidden, true) },
            { activation: 'tanh' },
          ];
          outputs.push({ name: 'logits', rows: 'first', steps: [...before, said.step], width: said.width });
        }
        if (shapeOf('lm_head.bias') !== undefined) {
          const words = `${prefix}embeddings.word_embeddings.weight`;
          const out = {
            ...dense('lm_head.decoder', hidden, vocabulary),
            bias: 'lm_head.bias',
            tiedTo: tied ? words : null,
          };
          const steps: StepPlan[] = [
            { linear: dense('lm_head.dense', hidden, hidden, true) },
            { activation: 'gelu' },
            { norm: layer('lm_head.layer_norm', hidden, epsilon) },
            { linear: out },
          ];
          outputs.push({ name: 'prediction_logits', rows: 'all', steps, width: vocabulary });
        }
        return plan(parts, prefix, shapeOf, outputs);
      },
    };
  },
};

/** The families of this file. */
export const bertFamilies: readonly EncoderFamily[] = [bert, roberta];
