import { describe, expect, it } from 'vitest';
import { progressLine } from '../../src/cli/progress.ts';
import { terminalColumns, wantsColor } from '../../src/cli/terminal.ts';
import { bittrue } from './helpers.ts';

describe('colour', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ TERM: 'dumb' }, true, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: 'false' }, true, false],
    [{ FORCE_COLOR: '' }, false, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ])('%j on a terminal %s: %s', (environment, isTerminal, color) => {
    expect(wantsColor(environment, isTerminal)).toBe(color);
  });
});

it('columns are those of the first stream that has some', () => {
  expect(terminalColumns([{ columns: 132 }, { columns: 80 }])).toBe(132);
  expect(terminalColumns([{}, { columns: 80 }])).toBe(80);
  expect(terminalColumns([{ columns: 0 }, {}])).toBe(100);
  expect(terminalColumns([{ columns: 8 }])).toBe(40);
});

describe('progress', () => {
  it('shows bars where the whole takes a second, before it is over, and wipes itself away', () => {
    let shown = '';
    let time = 0;
    const err = (text: string): void => {
      shown += text;
    };
    const busy = (title: string) => {
      shown += `<${title}>`;
      return () => err('</>');
    };
    const io = { out: () => true, err, busy, color: false, progress: true };
    const { begin, onProgress, finish } = progressLine(io, 'x: ', () => time);
    begin('reading');
    begin('weights');
    onProgress({ phase: 'layer', done: 1, total: 8 });
    expect(shown).toBe('<x: reading></><x: weights></>');
    time = 600;
    onProgress({ phase: 'layer', done: 7, total: 8 });
    expect(shown).not.toContain('%');
    onProgress({ phase: 'layer', done: 2, total: 4 });
    expect(shown).toContain(' 50 %  x: layer');
    finish();
    expect(shown.endsWith('\r\u001b[K')).toBe(true);
  });

  it('says nothing where there is no terminal', () => {
    let shown = '';
    const err = (text: string): void => {
      shown += text;
    };
    const { begin, finish } = progressLine({ out: () => true, err, color: false, progress: false }, '');
    begin('reading');
    finish();
    expect(shown).toBe('');
  });
});

describe('bittrue completion', () => {
  it.each(['bash', 'zsh', 'fish'])('%s knows commands, options, formats and targets', (shell) => {
    const { status, out, err } = bittrue('completion', shell);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    for (const word of ['compare', 'communicate', 'rounding', 'e4m3fn', 'nvfp4', 'h100']) expect(out).toContain(word);
  });

  it('refuses another shell', () => {
    expect(bittrue('completion', 'fihs')).toMatchObject({
      status: 2,
      err: expect.stringContaining('did you mean fish?'),
    });
  });
});
