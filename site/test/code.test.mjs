/** `as code` compiles, and gives what the page shows. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../scripts/place.mjs';
import { open } from './browser.mjs';

// Inside the package, so that its own name leads to it.
const folder = join(root, '.cache/site-code');
const run = (...given) => spawnSync('node', given, { cwd: folder, encoding: 'utf8' });
let site;
before(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  site = await open();
});
after(async () => {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

const rounding = { format: 'binary16' };
/** A target of one's own. */
const mine = JSON.stringify({
  name: 'mine',
  vectorUnits: {
    vector: {
      ...{
        name: 'vector',
        load: rounding,
        compute: rounding,
        accumulate: rounding,
        statistics: rounding,
        store: rounding,
      },
      reduction: { kind: 'sequential', accumulator: { kind: 'float', rounding } },
    },
  },
});

/** States, and what of each page the output of its code must hold. */
const states = [
  { path: 'number.html#x=1/3', shows: '[data-value]' },
  { path: 'number.html#x=-2%5E-24&f=binary16,e5m2', shows: '[data-value]' },
  { path: 'two.html', shows: '.value span' },
  {
    path: 'two.html#k=orders&l=ascending:float:binary16&r=pairwise:kahan:bfloat16&a=2048,1,1,1&b=1,1,1,1',
    shows: '.value span',
  },
  { path: 'two.html#k=formats&l=e4m3fn&r=e5m2&a=0.1,465', shows: '[data-rows] td:nth-child(2)' },
  { path: 'steps.html#t=v100:f16', shows: '[data-words]' },
  { path: 'steps.html#v=layerNorm', shows: '[data-event]' },
  { path: 'steps.html#v=online&x=1,3,2,0,11,2&w=2', shows: '[data-tiles] tr:last-child td:nth-child(3)' },
  { path: 'kernel.html', shows: '[data-event]' },
  { path: 'kernel.html#k=rmsNorm&d=normal&n=4&w=64&s=200&o=9', shows: '[data-event]' },
  { path: 'kernel.html#k=softmax&d=pasted&t=bf16', shows: '.nothing' },
  { path: 'kernel.html#k=rmsNorm&d=normal&n=4&w=64&s=200&e=clip', shows: '[data-event]' },
  { path: 'kernel.html#k=layerNorm&d=normal&n=4&w=64&s=2000&e=maximum&v=onePass', shows: '[data-event]' },
  { path: 'kernel.html#k=matmul&t=h100:f16F16&d=normal&n=4&w=64&s=2000&q=200&m=3', shows: '[data-event]' },
  { path: 'kernel.html#k=gemm&t=h100:f16&d=normal&n=4&w=64&s=20&q=20&m=3', shows: '[data-event]' },
  { path: 'kernel.html#k=attention&t=fp16&d=normal&n=4&w=16&s=200&q=200&m=8&i=4', shows: '[data-event]' },
  { path: `kernel.html#k=rmsNorm&d=pasted&p=300,-300&j=${encodeURIComponent(mine)}`, shows: '[data-event]' },
  { path: 'kernel.html#k=epilogue&d=normal&n=4&w=64&s=2000', shows: '[data-event]' },
  { path: 'kernel.html#k=cast&d=normal&n=4&w=64&s=200', shows: '[data-event]' },
  { path: 'kernel.html#k=gelu&d=normal&n=4&w=64&s=20', shows: '[data-event]' },
  { path: 'accumulator.html#a=int16..int18:saturate&w=64&n=4', shows: '[data-cells] td:first-child' },
];

/** Spaces and the words that a page adds around a value do not count. */
const plain = (text) =>
  text
    .replace(/ of binary.*$| of bfloat.*$/, '')
    .replace(/^▲\s*/, '')
    .replace(/^\d+ \w+; first: /, '')
    .replaceAll(/\s+/g, '');

test('every state as code', async () => {
  const made = [];
  for (const [i, { path, shows }] of states.entries()) {
    const { page, problems, leave } = await site.visit(path);
    await page.waitForSelector('[data-code=typescript]', { state: 'attached' });
    if (path.startsWith('kernel')) await page.waitForSelector('[data-verdict]');
    await page.waitForTimeout(100);
    const code = await page.locator('[data-code=typescript]').textContent();
    const command = await page.locator('[data-code=command]').allTextContents();
    const shown = (await page.locator(shows).allTextContents()).map(plain);
    await leave();
    assert.deepEqual(problems, [], path);
    writeFileSync(join(folder, `code${i}.ts`), code);
    made.push({ path, shows, shown, command: command[0] ?? null });
  }
  const files = made.map((_, i) => `code${i}.ts`);
  const options = [
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--strict',
    '--skipLibCheck',
    '--types',
    'node',
    '--outDir',
    '.',
    '--rootDir',
    '.',
    '--ignoreConfig',
  ];
  const compiled = run(join(root, 'node_modules/typescript/bin/tsc'), ...options, ...files);
  assert.equal(compiled.stdout, '');
  for (const [i, { path, shows, shown, command }] of made.entries()) {
    const { stdout, stderr, status } = run(`code${i}.js`);
    assert.equal(status, 0, `${path}: ${stderr}`);
    const given = stdout.replaceAll(/\s+/g, '');
    if (shows !== '.nothing') assert.ok(shown.length > 0, path);
    for (const one of shown) assert.ok(given.includes(one), `${path}: “${one}” is not in\n${stdout}`);
    if (command === null) continue;
    const [, , ...words] = command.split(' ');
    const told = run(join(root, 'dist/cli/main.js'), ...words);
    // `compare` and others end with 1 where they find a difference.
    assert.ok([0, 1].includes(told.status), `${command}: ${told.stderr}`);
    if (words[0] === 'explain')
      assert.ok(told.stdout.replaceAll(/\s+/g, '').includes(shown[0]), `${command}\n${told.stdout}`);
  }
});
