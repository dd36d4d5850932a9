/**
 * Part of `npm run types`: the snippets of the documentation type-check as a user would write them.
 *
 * @module
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, root, run } from './lib/project.mjs';
import { snippets } from './lib/snippets.mjs';

const folder = join(cache, 'snippet-types');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const { file, line, code } of snippets()) {
  // Blank lines before the code make the line that tsc reports the line of the file, but for the comment's indent.
  const name = `${file.replaceAll(/[^a-zA-Z0-9]/g, '-')}.${line}.ts`;
  writeFileSync(join(folder, name), `${'\n'.repeat(line - 1)}${code}\nexport {};\n`);
}
writeFileSync(
  join(folder, 'tsconfig.json'),
  JSON.stringify({
    extends: '../../tsconfig.json',
    compilerOptions: {
      incremental: false,
      tsBuildInfoFile: null,
      noUnusedLocals: false,
      rootDir: '../..',
      typeRoots: ['../../node_modules/@types'],
    },
    include: ['*.ts'],
  }),
);
process.exit(
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(folder, 'tsconfig.json')]),
);
