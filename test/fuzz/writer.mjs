/** Writes pairs of files into a folder, over and over, as `bittrue quantize --output` does: FOLDER, how many, first number. */
import { createHash } from 'node:crypto';

const { writeFiles } = await import(new URL('../../dist/node/writeFiles.js', import.meta.url).href);
const [folder, times, first] = process.argv.slice(2);
for (let i = 0; i < Number(times); i++) {
  const number = Number(first) + i;
  const bytes = Buffer.alloc(100_000 + (number % 7) * 50_000, `${number} `);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  writeFiles(folder, {
    'quantized.safetensors': { content: bytes, mark: '' },
    'report.json': { content: JSON.stringify({ number, tensors: { sha256 } }), mark: '' },
  });
  if (i === 0) process.stdout.write('.');
}
