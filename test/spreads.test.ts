/**
 * No call is given the elements of an array as its arguments: they go on the stack, which some 120,000 of them overflow.
 * Array and object literals may spread; constructors of test data (fast-check) take lists written in the source.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { sources } from '../scripts/lib/rooms.mjs';

/** Functions that take any number of arguments, by their own name; `apply` takes them as an array. */
const variadic = /^(max|min|hypot|push|unshift|splice|concat|of|fromCharCode|fromCodePoint|raw|apply)$/;

/** The calls of a source that spread into such a function: `line: call`. */
function spreads(name: string, text: string): string[] {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const called = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : '';
      const isSpread = called === 'apply' || node.arguments.some(ts.isSpreadElement);
      if (isSpread && variadic.test(called)) {
        const { line } = file.getLineAndCharacterOfPosition(node.getStart());
        found.push(`${name}:${line + 1}: ${node.getText().split('\n')[0]}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe('spreads', () => {
  it('are found in calls of variadic functions, and only there', () => {
    const found = spreads(
      'a.ts',
      'Math.max(0, ...x);\n[1, ...x];\nf(...x);\nx.push({ ...y });\n(x as number[])\n.push(1, ...y);',
    );
    expect(found).toEqual(['a.ts:1: Math.max(0, ...x)', 'a.ts:5: (x as number[])']);
  });

  it('stand in no call of the sources', () => {
    expect(sources.flatMap((path) => spreads(path, readFileSync(`src/${path}`, 'utf8')))).toEqual([]);
  });
});
