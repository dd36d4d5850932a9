import { describe, expect, it } from 'vitest';
import { parseJsonObject } from '../../src/files/json.ts';
import { utf8 } from './helpers.ts';

const parse = (text: string) => parseJsonObject(utf8(text), 'x.json');

describe('parseJsonObject', () => {
  it('reads what JSON.parse reads', () => {
    const text = '{ "a": [1, -0.5e+3, true, false, null, "\\u0041\\n\\"", {}, []], "b": { "c": {} } }';
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['{ "a": 1,\n  "b": x }', 'line 2, column 8'],
    ['{ "a": 1, }', 'line 1, column 11'],
    ['{ "a": 01 }', 'line 1, column 9'],
    ['{ "a": "\n" }', 'line 1, column 8'],
    ['{ "a": [1, 2 }', 'line 1, column 14'],
    ['{ "a": 1 } 2', 'line 1, column 12'],
    ['{ "a": "\\x" }', 'line 1, column 8'],
    ['{\n"a": 1,\n"a": 2 }', 'line 3, column 1'],
    ['', 'line 1, column 1'],
  ])('tells where %j is wrong', (text, place) => {
    expect(() => parse(text)).toThrow(place);
  });

  it('refuses deep nesting and reads long strings, without recursion', () => {
    expect(() => parse(`{ "a": ${'['.repeat(100_000)} }`)).toThrow('more than 64 levels');
    expect((parse(`{ "a": "${'x'.repeat(8_000_000)}" }`).a as string).length).toBe(8_000_000);
  });
});
