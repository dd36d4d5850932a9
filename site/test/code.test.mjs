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
  { path: 'number.html#x=1/3', shows: ['[data-value]'] },
  { path: 'number.html#x=-2%5E-24&f=binary16,e5m2', shows: ['[data-value]'] },
  { path: 'number.html#b=nvfp4&v=0.3,-7,100', shows: ['[data-card] td:nth-child(2)'], within: '.blocks' },
  { path: 'two.html#c=0', shows: ['.value span'] },
  {
    path: 'two.html#k=orders&l=ascending:float:binary16&r=pairwise:kahan:bfloat16&a=2048,1,1,1&b=1,1,1,1',
    shows: ['.value span'],
  },
  { path: 'two.html#k=formats&l=e4m3fn&r=e5m2&a=0.1,465', shows: ['[data-rows] td:nth-child(2)'] },
  { path: 'two.html#l=b200:mxfp8&r=h100:vectorF16&p=2%5E-3', shows: ['.value span'] },
  { path: 'two.html#l=b200:nvfp4&r=rtxBlackwell:nvfp4&p=2&q=4', shows: ['.value span'] },
  { path: 'steps.html#t=v100:f16', shows: ['[data-words]'] },
  { path: 'steps.html#t=b200:mxfp8&p=2%5E5&q=3', shows: ['[data-words]'] },
  { path: 'steps.html#t=h100:vectorF32', shows: ['[data-words]'] },
  { path: 'steps.html#v=layerNorm', shows: ['[data-event]'] },
  { path: 'steps.html#v=online&x=1,3,2,0,11,2&w=2', shows: ['[data-tiles] tr:last-child td:nth-child(3)'] },
  ...[
    '#s=795',
    '#k=rmsNorm&d=normal&n=4&w=64&s=200&o=9',
    '#k=softmax&d=pasted&t=bf16',
    '#k=rmsNorm&d=normal&n=4&w=64&s=200&e=clip',
    '#k=layerNorm&d=normal&n=4&w=64&s=2000&e=maximum&v=onePass',
    '#k=layerNorm&d=normal&n=4&w=64&s=2000&e=binary32&t=h100:vectorF16',
    '#k=rmsNorm&d=normal&n=4&w=64&s=200&e=mirror',
    '#k=matmul&t=h100:f16F16&d=normal&n=4&w=64&s=2000&q=200&m=3',
    '#k=matmul&t=b200:mxfp8&d=normal&n=4&w=70&s=20&q=2&m=3',
    '#k=dot&t=b200:nvfp4&d=normal&n=4&w=40&s=20&q=2',
    '#k=gemm&t=b200:mxfp4&d=normal&n=4&w=64&s=20&q=20&m=3',
    '#k=gemm&t=h100:f16&d=normal&n=4&w=64&s=20&q=20&m=3',
    '#k=attention&t=fp16:vector&d=normal&n=4&w=16&s=200&q=200&m=8&i=4',
    `#k=rmsNorm&d=pasted&p=300,-300&j=${encodeURIComponent(mine)}`,
    '#k=epilogue&d=normal&n=4&w=64&s=2000',
    '#k=cast&d=normal&n=4&w=64&s=200',
    '#k=gelu&d=normal&n=4&w=64&s=20',
  ].map((hash) => ({ path: `kernel.html${hash}`, shows: ['[data-verdict] > code', '[data-event]'] })),
  { path: 'accumulator.html#a=int16..int18:saturate&w=64&n=4', shows: ['[data-cells] td:first-child'] },
];

/** Spaces and the words that a page adds around a value do not count, nor how it spells powers of two and −0. */
const plain = (text) =>
  text
    .replace(/ of binary.*$| of bfloat.*$/, '')
    .replace(/^▲\s*/, '')
    .replace(/^\d+ \w+; first: /, '')
    .replaceAll(/(?<=^|, )(-?)2\^(-?\d+)(?=,|$)/g, (_, sign, e) => `${sign}${2 ** Number(e)}`)
    .replaceAll(/(?<=^|, )-0(?=,|$)/g, '0')
    .replaceAll(/[\s,]+/g, '');

/** Runs programs one after the other, and gives what each prints. */
const runner = `import { format } from 'node:util';
const told = [];
for (const name of process.argv.slice(2)) {
  const lines = [];
  console.log = (...given) => lines.push(format(...given));
  try {
    await import('./' + name);
    told.push({ text: lines.join('\\n') });
  } catch (error) {
    told.push({ problem: String(error?.stack) });
  }
}
process.stdout.write(JSON.stringify(told));
`;

/** A page of each kind is opened once; other states of it are links that are followed. */
async function follow(open, path) {
  const [name, hash] = path.split('#');
  const found = open.get(name);
  if (found === undefined) {
    open.set(name, await site.visit(path));
  } else {
    await found.page.evaluate((to) => {
      performance.clearMeasures('update');
      location.hash = to;
    }, hash);
  }
  const { page } = open.get(name);
  if (name === 'kernel.html') await page.waitForFunction(() => performance.getEntriesByName('update').length > 0);
  if (name === 'accumulator.html')
    await page.waitForFunction(() => document.querySelectorAll('[data-cells] td').length > 1);
  // What follows from the address is drawn in the frame after.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  return page;
}

test('every state as code', async () => {
  const made = [];
  const opened = new Map();
  for (const [i, { path, shows, within = '.playground' }] of states.entries()) {
    const page = await follow(opened, path);
    assert.deepEqual(await page.locator('.problem').allTextContents(), [], path);
    const code = await page.locator(`${within} [data-code=typescript]`).first().textContent();
    const command = await page.locator(`${within} [data-code=command]`).allTextContents();
    const shown = [];
    for (const one of shows) shown.push(...(await page.locator(one).allTextContents()).map(plain));
    writeFileSync(join(folder, `code${i}.ts`), code);
    made.push({ path, shown, command: command[0] });
  }
  for (const [name, { problems, leave }] of opened) {
    await leave();
    assert.deepEqual(problems, [], name);
  }
  writeFileSync(join(folder, 'run.mjs'), runner);
  const options = ['--module', 'nodenext', '--target', 'es2022', '--strict', '--skipLibCheck', '--types', 'node'];
  const places = ['--outDir', '.', '--rootDir', '.', '--ignoreConfig'];
  const files = made.map((_, i) => `code${i}.ts`);
  const compiled = run(join(root, 'node_modules/typescript/bin/tsc'), ...options, ...places, ...files);
  assert.equal(compiled.stdout, '');
  const ran = run('run.mjs', ...made.map((_, i) => `code${i}.js`));
  assert.equal(ran.status, 0, ran.stderr);
  for (const [i, { text, problem }] of JSON.parse(ran.stdout).entries()) {
    const { path, shown } = made[i];
    assert.equal(problem, undefined, path);
    assert.ok(shown.length > 0, path);
    const given = text.replaceAll(/[\s,]+/g, '');
    for (const one of shown) assert.ok(given.includes(one), `${path}: “${one}” is not in\n${text}`);
  }
  // Others run the code, as has been done.
  const commands = made.filter(({ command }) => command.startsWith('npx bittrue '));
  assert.ok(commands.length >= 3);
  for (const { command, shown } of commands) {
    const [, , ...words] = command.split(' ');
    const told = run(join(root, 'dist/cli/main.js'), ...words);
    // `compare` and others end with 1 where they find a difference.
    assert.ok([0, 1].includes(told.status), `${command}: ${told.stderr}`);
    if (words[0] === 'explain') assert.ok(plain(told.stdout).includes(shown[0]), `${command}\n${told.stdout}`);
  }
});
