/**
 * The table of docs/performance.md: SLaNC's factors of seeded checkpoints in BF16, one a process: time, and the most memory that was
 * held.
 *
 *     npm run bench slanc-speed
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Shape {
  readonly name: string;
  readonly layers: number;
  readonly hidden: number;
  readonly intermediate: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly vocabulary: number;
  readonly shards: number;
}

const shapes: readonly Shape[] = [
  {
    name: '168 M parameters, 8 layers of 1024',
    layers: 8,
    hidden: 1024,
    intermediate: 2816,
    heads: 16,
    keyValueHeads: 16,
    vocabulary: 32000,
    shards: 1,
  },
  {
    name: 'a layer of Llama 2 7B, two shards',
    layers: 1,
    hidden: 4096,
    intermediate: 11008,
    heads: 32,
    keyValueHeads: 32,
    vocabulary: 256,
    shards: 2,
  },
];

/** Tensors by name with their shapes, in the order of the file. */
function tensorsOf({ layers, hidden, intermediate, heads, keyValueHeads, vocabulary }: Shape): [string, number[]][] {
  const values = (hidden / heads) * keyValueHeads;
  const layer = (i: number): [string, number[]][] => [
    [`model.layers.${i}.input_layernorm.weight`, [hidden]],
    [`model.layers.${i}.self_attn.q_proj.weight`, [hidden, hidden]],
    [`model.layers.${i}.self_attn.k_proj.weight`, [values, hidden]],
    [`model.layers.${i}.self_attn.v_proj.weight`, [values, hidden]],
    [`model.layers.${i}.self_attn.o_proj.weight`, [hidden, hidden]],
    [`model.layers.${i}.post_attention_layernorm.weight`, [hidden]],
    [`model.layers.${i}.mlp.gate_proj.weight`, [intermediate, hidden]],
    [`model.layers.${i}.mlp.up_proj.weight`, [intermediate, hidden]],
    [`model.layers.${i}.mlp.down_proj.weight`, [hidden, intermediate]],
  ];
  return [
    ['model.embed_tokens.weight', [vocabulary, hidden]],
    ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
    ['model.norm.weight', [hidden]],
    ['lm_head.weight', [vocabulary, hidden]],
  ];
}

const CHUNK = 2 ** 20;
const next = (() => {
  let state = 20261129;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
})();

/** Numbers of BF16 around zero, about 0.02 large; of a norm's weights around 1. */
function writeNumbers(file: number, count: number, isNorm: boolean): void {
  const codes = new Uint16Array(Math.min(CHUNK, count));
  const single = new Float32Array(1);
  const bits = new Uint32Array(single.buffer);
  for (let left = count; left > 0; left -= codes.length) {
    const own = codes.subarray(0, Math.min(codes.length, left));
    for (let i = 0; i < own.length; i++) {
      const centred = (next() + next() + next()) / 2 ** 32 - 1.5;
      single[0] = isNorm ? 1 + centred / 8 : centred / 25;
      own[i] = bits[0] >>> 16;
    }
    writeSync(file, new Uint8Array(own.buffer, 0, own.byteLength));
  }
}

function writeShard(path: string, tensors: readonly [string, number[]][]): void {
  let at = 0;
  const header: Record<string, unknown> = {};
  for (const [name, shape] of tensors) {
    const bytes = 2 * shape.reduce((product, axis) => product * axis, 1);
    header[name] = { dtype: 'BF16', shape, data_offsets: [at, at + bytes] };
    at += bytes;
  }
  const text = JSON.stringify(header);
  const head = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  const file = openSync(path, 'w');
  writeSync(file, length);
  writeSync(file, head);
  for (const [name, shape] of tensors) {
    writeNumbers(
      file,
      shape.reduce((product, axis) => product * axis, 1),
      name.includes('norm'),
    );
  }
  closeSync(file);
}

function writeModel(folder: string, shape: Shape): void {
  const config = {
    model_type: 'llama',
    hidden_size: shape.hidden,
    intermediate_size: shape.intermediate,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.keyValueHeads,
    vocab_size: shape.vocabulary,
    max_position_embeddings: 2048,
    rms_norm_eps: 1e-5,
    hidden_act: 'silu',
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const tensors = tensorsOf(shape);
  if (shape.shards === 1) {
    writeShard(join(folder, 'model.safetensors'), tensors);
    return;
  }
  const map: Record<string, string> = {};
  const each = Math.ceil(tensors.length / shape.shards);
  for (let i = 0; i < shape.shards; i++) {
    const name = `model-0000${i + 1}-of-0000${shape.shards}.safetensors`;
    const own = tensors.slice(i * each, (i + 1) * each);
    writeShard(join(folder, name), own);
    for (const [tensor] of own) map[tensor] = name;
  }
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: map }));
}

const main = fileURLToPath(import.meta.resolve('bittrue')).replace(/index\.js$/, 'cli/main.js');
// The command, and what it took.
const measured = `process.on('exit', () => { const { maxRSS, userCPUTime } = process.resourceUsage(); require('fs').writeSync(2, '\\nTOOK ' + maxRSS + ' ' + userCPUTime + '\\n'); });`;
console.log('| model | variant | seconds | of one processor | MB at most |');
console.log('| --- | --- | ---: | ---: | ---: |');
for (const shape of shapes) {
  const folder = mkdtempSync(join(tmpdir(), 'slanc-'));
  try {
    writeModel(folder, shape);
    for (const variant of ['frobenius', 'residual']) {
      const start = performance.now();
      const preload = `data:text/javascript,${encodeURIComponent(`import{createRequire}from'node:module';const require=createRequire('file:///');${measured}`)}`;
      const run = spawnSync(process.execPath, ['--import', preload, main, 'slanc', folder, '--variant', variant], {
        maxBuffer: 2 ** 26,
      });
      if (run.status !== 0) throw new Error(String(run.stderr));
      const seconds = (performance.now() - start) / 1000;
      const [, memory, user] = /TOOK (\d+) (\d+)/.exec(String(run.stderr)) as RegExpExecArray;
      const cells = [
        shape.name,
        `\`${variant}\``,
        seconds.toFixed(1),
        (Number(user) / 1e6).toFixed(1),
        Math.round(Number(memory) / 1024),
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
