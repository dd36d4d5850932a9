/**
 * `npm run api` writes the public surface of every entry point, read from the declarations in `dist/`,
 * to `api/<room>.api.txt`; `npm run api:check` compares and fails on any difference. A change of the
 * surface is thereby a change that a reviewer sees.
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { entryPoints, root, walk } from './lib/project.mjs';

const entries = entryPoints();
const program = ts.createProgram(
  entries.map((entry) => join(root, entry.types)),
  { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, skipLibCheck: true, types: [] },
);
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true, omitTrailingSemicolon: false });

/** @param {ts.Declaration} declaration */
function print(declaration) {
  // A variable's declaration does not hold its keyword; a namespace export (`export * as x`) is a source file.
  if (ts.isSourceFile(declaration)) return namespaceText(declaration);
  const text = printer.printNode(ts.EmitHint.Unspecified, declaration, declaration.getSourceFile());
  const keyword = ts.isVariableDeclaration(declaration) ? 'const ' : '';
  return `${keyword}${text}`.replace(/^export (default )?/, '').replace(/^declare /, '');
}

/**
 * A namespace with the declarations that it holds, each under the name that it has there.
 *
 * @param {ts.SourceFile} file
 * @returns {string}
 */
function namespaceText(file) {
  const symbol = checker.getSymbolAtLocation(file);
  const members = (symbol ? checker.getExportsOfModule(symbol) : []).map((one) => {
    const target = one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one;
    const text = (target.declarations ?? []).map(print).join('\n');
    return `${one.name}: ${text}`.replaceAll(/^/gm, '    ');
  });
  return `namespace of ${place(file)} {\n${members.join('\n')}\n}`;
}

/** @param {ts.Declaration} declaration */
function place(declaration) {
  return relative(join(root, 'dist'), declaration.getSourceFile().fileName)
    .replaceAll('\\', '/')
    .replace(/\.d\.ts$/, '');
}

/** @param {(typeof entries)[number]} entry */
function report(entry) {
  const lines = [`# ${entry.specifier}`, ''];
  const file = program.getSourceFile(join(root, entry.types));
  const symbol = file && checker.getSymbolAtLocation(file);
  const exported = symbol ? checker.getExportsOfModule(symbol) : [];
  for (const one of exported.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const target = one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one;
    const declarations = target.declarations ?? [];
    // The root repeats what the rooms hold: its report names the place only.
    if (entry.name === 'index') lines.push(`${one.name} (${[...new Set(declarations.map(place))].join(', ')})`);
    else lines.push(...declarations.map(print), '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

const missing = entries.filter((entry) => !existsSync(join(root, entry.types)));
if (missing.length > 0) {
  console.error(`api: not built: ${missing.map((entry) => entry.types).join(', ')}`);
  process.exit(1);
}

const wanted = new Map(entries.map((entry) => [`api/${entry.name.replaceAll('/', '.')}.api.txt`, report(entry)]));
const stale = walk('api').filter((path) => !wanted.has(path));

if (process.argv.includes('--check')) {
  const differing = [...wanted].filter(([path, text]) => {
    const file = join(root, path);
    const now = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (now === text) return false;
    const before = new Set(now.split('\n'));
    const after = new Set(text.split('\n'));
    console.error(`${path} differs:`);
    for (const line of before) if (!after.has(line)) console.error(`  - ${line}`);
    for (const line of after) if (!before.has(line)) console.error(`  + ${line}`);
    return true;
  });
  for (const path of stale) console.error(`${path}: no such entry point any more`);
  if (differing.length + stale.length > 0) {
    console.error('The public surface changed: run `npm run api`, read the difference and commit it.');
    process.exit(1);
  }
  console.log(`api: ${wanted.size} entry points, no difference`);
} else {
  mkdirSync(join(root, 'api'), { recursive: true });
  for (const [path, text] of wanted) writeFileSync(join(root, path), text);
  for (const path of stale) rmSync(join(root, path));
  console.log(`api: ${wanted.size} reports written`);
}
