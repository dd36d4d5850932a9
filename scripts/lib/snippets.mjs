/**
 * The code in the documentation: every `@example` of the sources and every ts block of README.md,
 * docs/ and the rooms' READMEs. Each snippet is a module of its own that imports the package by name.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root, walk } from './project.mjs';

/** @typedef {{ file: string, line: number, code: string }} Snippet `line` is that of the code's first line */

const isCode = /^ {0,3}```(?:ts|typescript|js|javascript)\s*$/;
const fence = /^ {0,3}```/;

/**
 * The fenced code of a text in Markdown.
 *
 * @param {string} file
 * @param {readonly string[]} lines
 * @param {number} firstLine the number of `lines[0]`
 * @returns {Snippet[]}
 */
function fenced(file, lines, firstLine) {
  /** @type {Snippet[]} */
  const found = [];
  for (let i = 0; i < lines.length; i++) {
    if (!fence.test(lines[i] ?? '')) continue;
    const start = i + 1;
    for (i = start; i < lines.length && !fence.test(lines[i] ?? ''); i++);
    if (isCode.test(lines[start - 1] ?? '')) {
      found.push({ file, line: firstLine + start, code: lines.slice(start, i).join('\n') });
    }
  }
  return found;
}

/**
 * The `@example` blocks of a source file; without fences the whole text of the tag is code.
 *
 * @param {string} file
 * @returns {Snippet[]}
 */
function exampleTags(file) {
  const text = readFileSync(join(root, file), 'utf8');
  if (!text.includes('@example')) return [];
  /** @type {Snippet[]} */
  const found = [];
  for (const comment of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const firstLine = text.slice(0, comment.index).split('\n').length;
    const lines = comment[0]
      .split('\n')
      .map((line) => line.replace(/^\s*(\/\*\*|\*(?!\/))? ?/, '').replace(/\s*\*\/$/, ''));
    for (let i = 0; i < lines.length; i++) {
      if (!/^@example\b/.test(lines[i] ?? '')) continue;
      let end = i + 1;
      while (end < lines.length && !/^@[a-z]+\b/.test(lines[end] ?? '')) end++;
      const body = lines.slice(i + 1, end);
      if (body.some((line) => fence.test(line))) found.push(...fenced(file, body, firstLine + i + 1));
      else if (body.join('').trim() !== '')
        found.push({ file, line: firstLine + i + 1, code: body.join('\n').trimEnd() });
    }
  }
  return found;
}

/** @returns {Snippet[]} */
export function snippets() {
  const markdown = [...walk('docs'), ...walk('src')].filter(
    (path) => path.endsWith('.md') && !path.startsWith('docs/api/'),
  );
  return [
    ...walk('src', (path) => path.endsWith('.ts')).flatMap(exampleTags),
    ...['README.md', ...markdown].flatMap((file) =>
      fenced(file, readFileSync(join(root, file), 'utf8').split('\n'), 1),
    ),
  ];
}

/**
 * Turns `expression; // value` into a call of `check` that compares them, where the comment is a literal, and
 * `expression; // throws NAME` into one that expects an error. A comment that is neither is prose.
 * Lines keep their numbers.
 *
 * @param {string} code
 * @param {string} check the name of the function that is called with `(() => expression, wanted, line)`
 * @returns {{ code: string, checks: number }}
 */
export function instrument(code, check) {
  const file = ts.createSourceFile('snippet.ts', code, ts.ScriptTarget.Latest, true);
  let result = code;
  let checks = 0;
  for (const statement of statementsOf(file).reverse()) {
    const comment = /^[ \t]*\/\/[ \t]*(.*)/.exec(code.slice(statement.end));
    const wanted = comment && expectation(comment[1] ?? '');
    if (!wanted) continue;
    const line = file.getLineAndCharacterOfPosition(statement.getStart()).line + 1;
    const call = (/** @type {string} */ expression) =>
      `await ${check}(async () => (${expression}), ${JSON.stringify(wanted)}, ${line});`;
    if (ts.isExpressionStatement(statement)) {
      const { expression } = statement;
      const printed = consoleArgument(expression);
      result = `${result.slice(0, statement.getStart())};${call((printed ?? expression).getText())}${result.slice(statement.end)}`;
      checks++;
    } else if (
      ts.isVariableStatement(statement) &&
      statement.declarationList.declarations.length === 1 &&
      wanted.throws === undefined
    ) {
      const name = statement.declarationList.declarations[0]?.name;
      if (!name || !ts.isIdentifier(name)) continue;
      result = `${result.slice(0, statement.end)};${call(name.text)}${result.slice(statement.end)}`;
      checks++;
    }
  }
  return { code: result, checks };
}

/**
 * The statements that run as part of the module itself, inner blocks included, functions not.
 *
 * @param {ts.Node} node
 * @returns {ts.Statement[]} in the order of their text
 */
function statementsOf(node) {
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return [];
  const inner = node.getChildren().flatMap(statementsOf);
  return ts.isStatement(node) ? [/** @type {ts.Statement} */ (node), ...inner] : inner;
}

/** @param {ts.Expression} expression */
function consoleArgument(expression) {
  if (!ts.isCallExpression(expression) || expression.arguments.length !== 1) return undefined;
  return expression.expression.getText() === 'console.log' ? expression.arguments[0] : undefined;
}

/**
 * What a comment promises: `{ literal }`, `{ throws }`, or nothing where it is prose. Words may follow a literal
 * after a colon, a semicolon, a bracket or a dash: `// NaN: OCP's default`.
 *
 * @param {string} comment
 * @returns {{ literal?: string, throws?: string } | undefined}
 */
export function expectation(comment) {
  const thrown = /^throws\b[: ]*([A-Za-z]*)/.exec(comment);
  if (thrown) return { throws: thrown[1] ?? '' };
  const text = comment.trim();
  for (const end of [text.length, ...[...text.matchAll(/[:;]| \(| [—–-] /g)].map((match) => match.index)]) {
    const literal = text.slice(0, end).trim();
    if (literal !== '' && parseLiteral(literal) !== undefined) return { literal };
  }
  return undefined;
}

/**
 * A literal as data that `matches` of the runner understands; undefined where the text is not a literal.
 *
 * @param {string} text
 * @returns {{ value: unknown } | undefined}
 */
export function parseLiteral(text) {
  const source = text
    .replace(/\b(?:\w+Array)(?:\(\d+\))? ?\[/g, '[')
    .replace(/(?:\.\.\.|…)(?=\s*[\]}])/g, `'${rest}'`)
    .replace(new RegExp(`\\{ *'${rest}'`), `{ '${rest}': 0`)
    .replace(new RegExp(`, *'${rest}' *\\}`, 'g'), `, '${rest}': 0 }`);
  const file = ts.createSourceFile('literal.ts', `(${source})`, ts.ScriptTarget.Latest, true);
  // @ts-expect-error the list of syntax errors is not in the public type
  if (file.parseDiagnostics.length > 0 || file.statements.length !== 1) return undefined;
  const [statement] = file.statements;
  if (!statement || !ts.isExpressionStatement(statement) || !ts.isParenthesizedExpression(statement.expression))
    return undefined;
  try {
    return { value: evaluate(statement.expression.expression) };
  } catch {
    return undefined;
  }
}

/** Stands for `…` in an array or object: more may follow. */
export const rest = '\u0000rest';

/**
 * @param {ts.Expression} node
 * @returns {unknown}
 */
function evaluate(node) {
  if (ts.isNumericLiteral(node)) return Number(node.getText().replaceAll('_', ''));
  if (ts.isBigIntLiteral(node)) return BigInt(node.text.replace(/n$/, ''));
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isIdentifier(node)) {
    /** @type {Record<string, unknown>} */
    const names = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, undefined: undefined };
    if (node.text in names) return names[node.text];
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (node.kind === ts.SyntaxKind.NullKeyword) return null;
  if (ts.isPrefixUnaryExpression(node)) {
    const value = evaluate(node.operand);
    if (node.operator === ts.SyntaxKind.MinusToken && typeof value === 'number') return -value;
    if (node.operator === ts.SyntaxKind.MinusToken && typeof value === 'bigint') return -value;
    if (node.operator === ts.SyntaxKind.PlusToken && typeof value === 'number') return value;
  }
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(evaluate);
  if (ts.isObjectLiteralExpression(node)) {
    return Object.fromEntries(
      node.properties.map((property) => {
        if (!ts.isPropertyAssignment(property)) throw new Error('not a literal');
        const { name } = property;
        if (!ts.isIdentifier(name) && !ts.isStringLiteralLike(name) && !ts.isNumericLiteral(name))
          throw new Error('not a literal');
        return [name.text, evaluate(property.initializer)];
      }),
    );
  }
  throw new Error('not a literal');
}
