import { describe, expect, it } from 'vitest';
import { paint, table, WIDTH, wrap } from '../../src/reports/text/layout.ts';

describe('table', () => {
  it('aligns names left and numbers right', () => {
    const lines = table(
      [{ title: 'stage', align: 'left' }, { title: 'n' }],
      [
        ['a', '1'],
        ['longer', '100'],
      ],
    );
    expect(lines).toEqual(['stage     n', 'a         1', 'longer  100']);
  });

  it('puts a group’s name over its columns', () => {
    const columns = [
      { title: 'x', align: 'left' },
      { title: 'aaaa', group: 'both' },
      { title: 'bbbb', group: 'both' },
    ] as const;
    expect(table(columns, [['r', '1', '2']])).toEqual(['   ── both ──', 'x  aaaa  bbbb', 'r     1     2']);
  });

  it('breaks what is wider than 100 columns into blocks that begin with the names', () => {
    const columns = [
      { title: 'name', align: 'left' as const },
      ...Array.from({ length: 12 }, (_, i) => ({ title: `column ${i}` })),
    ];
    const row = ['a row', ...Array.from({ length: 12 }, (_, i) => '9'.repeat(i + 4))];
    const lines = table(columns, [row]);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(WIDTH);
    expect(lines.filter((line) => line.startsWith('a row')).length).toBeGreaterThan(1);
    expect(lines.join(' ')).toContain('9'.repeat(15));
    for (let i = 0; i < 12; i++) expect(lines.join('\n')).toContain(`column ${i}`);
  });

  it('breaks between groups, and inside one only where it is wider than the page', () => {
    const column = (title: string, group: string) => ({ title, group });
    const columns = [
      { title: 'n' },
      ...['a', 'b', 'c'].map((t) => column(t, 'one')),
      ...['d', 'e', 'f'].map((t) => column(t, 'two')),
    ];
    const row = ['1', ...Array<string>(6).fill('999999')];
    const first = (width: number) => table(columns, [row], { width }).indexOf('');
    const titles = (width: number) =>
      table(columns, [row], { width })
        .filter((line) => /^n /.test(line))
        .map((line) => line.replace(/ +/g, ''));
    expect(first(60)).toBe(-1);
    expect(titles(40)).toEqual(['nabc', 'ndef']);
    expect(titles(20)).toEqual(['nab', 'ncd', 'nef']);
  });

  it('cuts a name that leaves no room', () => {
    const [, line] = table([{ title: 'name', align: 'left' }, { title: 'n' }], [['x'.repeat(300), '1']]);
    expect(line.length).toBeLessThanOrEqual(WIDTH);
    expect(line).toContain('…');
  });

  it('measures coloured cells by what is seen', () => {
    const plain = table([{ title: 'a', align: 'left' }, { title: 'n' }], [['x', '12']]);
    const coloured = table(
      [{ title: 'a', align: 'left' }, { title: 'n' }],
      [['x', paint('red', '12', { color: true })]],
    );
    expect(coloured[0]).toBe(plain[0]);
    expect(coloured[1]).toContain('\u001b[31m12\u001b[0m');
  });
});

describe('paint', () => {
  it('leaves text alone unless colour is asked for', () => {
    expect(paint('red', 'x', {})).toBe('x');
  });
});

describe('wrap', () => {
  it('keeps lines within the width and indents the rest', () => {
    const lines = wrap(`  ${'word '.repeat(50)}`, '    ');
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(WIDTH);
    expect(lines[0]).toMatch(/^ {2}word/);
    expect(lines[1]).toMatch(/^ {4}word/);
  });

  it('divides a word that is longer than a line, and keeps it whole where it fits', () => {
    expect(wrap(`x: ${'1'.repeat(30)} y`, '  ', { width: 20 })).toEqual([
      'x:',
      `  ${'1'.repeat(18)}`,
      `  ${'1'.repeat(12)} y`,
    ]);
    expect(wrap(`x ${'1'.repeat(18)}`, '  ', { width: 20 })).toEqual([`x ${'1'.repeat(18)}`]);
  });

  it('keeps spaces that align', () => {
    expect(wrap('a    b')).toEqual(['a    b']);
  });
});
