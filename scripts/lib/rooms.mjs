/**
 * The rooms of `src/`: what `src/rooms.json` says of them, what their files import, and the drawing.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { root, walk } from './project.mjs';

/**
 * @typedef {{ holds: string, imports: string[], node?: boolean, packages?: string[], subPath?: boolean, subPaths?: string[] }} Room
 * @typedef {{ from: string, to: string, isType: boolean }} Import `to` as written, or from `src/` where relative
 */

/** @type {{ rooms: Record<string, Room>, sharing: Record<string, string[]> }} */
export const plan = JSON.parse(readFileSync(join(root, 'src/rooms.json'), 'utf8'));

/** The room of a file given from `src/`: its folder, or the name of a file that lies in `src/` itself. */
export const roomOf = (/** @type {string} */ path) => (path.split('/')[0] ?? '').replace(/\.[a-z]+$/, '');

/** The source files, from `src/`. */
export const sources = walk('src', (path) => /\.[mc]?tsx?$/.test(path)).map((path) => path.slice('src/'.length));

/**
 * Everything a file imports: statements, re-exports, `import('…')` as an expression and as a type.
 *
 * @param {string} path from `src/`
 * @returns {Import[]}
 */
export function importsOf(path) {
  const file = ts.createSourceFile(path, readFileSync(join(root, 'src', path), 'utf8'), ts.ScriptTarget.Latest, true);
  /** @type {Import[]} */
  const found = [];
  /**
   * @param {ts.Node} specifier
   * @param {boolean} isType
   */
  const add = (specifier, isType) => {
    const text = ts.isStringLiteralLike(specifier) ? specifier.text : specifier.getText();
    found.push({ from: path, to: text.startsWith('.') ? posix.join(posix.dirname(path), text) : text, isType });
  };
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly ?? false);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0])
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The table and the drawing of `docs/architecture.md`, between its markers. */
export function drawing() {
  const rooms = Object.entries(plan.rooms);
  const table = rooms.map(([name, { holds, imports, node, packages }]) => {
    const outside = [...(node ? ['`node:*`'] : []), ...(packages ?? []).map((one) => `\`${one}\``)];
    return `| \`${name}\` | ${holds} | ${imports.join(', ') || '–'} | ${outside.join(', ') || '–'} |`;
  });
  // An arrow that follows from two others says nothing: only the direct steps are drawn.
  const reach = (/** @type {string} */ name) => {
    const seen = new Set();
    const todo = [...(plan.rooms[name]?.imports ?? [])];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      todo.push(...(plan.rooms[next]?.imports ?? []));
    }
    return seen;
  };
  const arrows = rooms.flatMap(([name, { imports }]) =>
    imports
      .filter((one) => !imports.some((other) => other !== one && reach(other).has(one)))
      .map((one) => `  ${name} --> ${one}`),
  );
  return [
    '| room | holds | may import | from outside |',
    '| --- | --- | --- | --- |',
    ...table,
    '',
    '```mermaid',
    'flowchart BT',
    ...arrows,
    '```',
  ].join('\n');
}

/**
 * The circles of a graph: the groups of nodes that reach each other, each sorted (Tarjan, SIAM J. Comput. 1972).
 *
 * @param {readonly string[]} nodes
 * @param {(node: string) => readonly string[]} next
 * @returns {string[][]}
 */
export function circles(nodes, next) {
  /** @type {Map<string, number>} */
  const order = new Map();
  /** @type {Map<string, number>} */
  const low = new Map();
  /** @type {string[]} */
  const open = [];
  /** @type {string[][]} */
  const found = [];
  /** @param {string} node */
  const visit = (node) => {
    order.set(node, order.size);
    let least = order.get(node) ?? 0;
    open.push(node);
    for (const one of next(node)) {
      if (!order.has(one)) visit(one);
      if (open.includes(one)) least = Math.min(least, low.get(one) ?? order.get(one) ?? 0);
    }
    low.set(node, least);
    if (least !== order.get(node)) return;
    const group = open.splice(open.indexOf(node)).sort();
    if (group.length > 1 || next(node).includes(node)) found.push(group);
  };
  for (const node of nodes) if (!order.has(node)) visit(node);
  return found;
}
