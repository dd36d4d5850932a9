import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from 'bittrue/files';
import { afterAll, describe, expect, it } from 'vitest';
import { localPackage } from '../../src/cli/localPackage.ts';
import { decoders } from '../models/families/decoders.ts';
import { encoders } from '../models/families/encoders.ts';
import { seeded } from '../models/families/plain.ts';
import { pairs, pieces } from '../models/tokenizerFiles.ts';
import { bittrue, finished } from './helpers.ts';

const root = mkdtempSync(join(tmpdir(), 'bittrue-tokenizer-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A miniature in a folder of its own, with files beside it. */
function written({ config, shapes }: { config: object; shapes: object }, files: Record<string, string>): string {
  const own = mkdtempSync(join(root, 'model-'));
  writeFileSync(join(own, 'model.safetensors'), writeSafetensors(seeded('tokens', shapes as never)));
  writeFileSync(join(own, 'config.json'), JSON.stringify(config));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(own, name), text);
  return own;
}

describe('a text of a model with tokenizer.json', () => {
  const text = 'abc ab cab abc abd';
  const folder = written(decoders.gpt2 as never, { 'tokenizer.json': JSON.stringify(pairs), 'validation.txt': text });

  it('runs as its tokens do', () => {
    const tokens = join(folder, 'tokens.json');
    // By hand, `<s>` first.
    writeFileSync(tokens, JSON.stringify({ sequences: [[0, 6, 4, 5, 4, 3, 5, 4, 6, 4, 5, 7]] }));
    const given = bittrue('check', folder, '--tokens', tokens, '--json');
    const found = bittrue('check', folder, '--json');
    expect(found.err).toBe('');
    expect(JSON.parse(found.out)).toEqual(JSON.parse(given.out));
    const other = join(folder, 'other.txt');
    writeFileSync(other, text);
    expect(bittrue('check', folder, '--text', other, '--json').out).toBe(found.out);
  });

  it('runs through quantize and its calibration, too', () => {
    const { status, out } = bittrue(
      'quantize',
      folder,
      '--method',
      'minMaxInteger',
      '--weights',
      'int8',
      '--activations',
      'int8',
      '--calibration-text',
      join(folder, 'validation.txt'),
    );
    expect(out).toMatch(/perplexity/);
    expect(status).toBe(0);
  });

  it('becomes the tokens of an encoder', async () => {
    const bert = written(encoders['bert with both of its heads'] as never, {
      'tokenizer.json': JSON.stringify(pieces),
    });
    const file = join(bert, 'text.txt');
    writeFileSync(file, 'Playing chess, played');
    const tokens = join(bert, 'tokens.json');
    writeFileSync(tokens, JSON.stringify({ sequences: [[2, 4, 5, 7, 1, 4, 6, 3]] }));
    const found = await finished('check', bert, '--text', file, '--json');
    expect(found.err).toBe('');
    expect(found.out).toBe((await finished('check', bert, '--tokens', tokens, '--json')).out);
    expect(found.out).not.toBe((await finished('check', bert, '--json')).out);
    writeFileSync(tokens, JSON.stringify({ sequences: [[2, 4], [1]] }));
    expect((await finished('check', bert, '--tokens', tokens)).err).toMatch(
      /2 tokens in each.*1 tokens in sequence 1/s,
    );
    const vit = written(encoders.vit as never, {});
    expect((await finished('check', vit, '--text', file)).err).toMatch(/--text.*a ViT reads none/s);
  });

  it('says what is missing, and both ways on', () => {
    const bare = written(decoders.gpt2 as never, { 'tokenizer.json': JSON.stringify(pairs) });
    expect(bittrue('check', bare).err).toMatch(/--text.*a text for .*tokenizer\.json.*--tokens FILE.*no .*validation/s);
    const broken = written(decoders.gpt2 as never, {
      'tokenizer.json': '{"model":{"type":"??"}}',
      'validation.txt': text,
    });
    expect(bittrue('check', broken)).toMatchObject({
      status: 2,
      err: expect.stringMatching(/tokenizer\.json.*@huggingface/s),
    });
    const large = written(decoders.gpt2 as never, {
      'tokenizer.json': JSON.stringify({
        ...pairs,
        model: { ...pairs.model, vocab: { ...pairs.model.vocab, abc: 13 } },
      }),
      'validation.txt': text,
    });
    expect(bittrue('check', large).err).toMatch(/validation\.txt: sequences\[0\].*13/s);
    writeFileSync(join(bare, 'bytes.txt'), Uint8Array.of(0xff, 0xfe));
    expect(bittrue('check', bare, '--text', join(bare, 'bytes.txt')).err).toMatch(/no UTF-8/);
    let told = '';
    try {
      localPackage('@bittrue/no-such-package', '--text', '; or tokens (--tokens FILE)');
    } catch (error) {
      told = String(error);
    }
    expect(told).toMatch(/--text.*npm install @bittrue\/no-such-package; or tokens \(--tokens FILE\)/s);
  });
});
