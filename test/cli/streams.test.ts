import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { INTERNAL } from '../../src/cli/exit.ts';
import { runCommand } from '../../src/cli/run.ts';
import { bittrue, folder } from './helpers.ts';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'dist/cli/main.js');
const oneLine = /^bittrue: [^\n]*\n$/;

/** A line of bash, in which $b is the built command. */
function bash(line: string, cwd = root) {
  const options = { encoding: 'utf8', cwd, env: { ...process.env, b: `${process.execPath} ${main}` } } as const;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], options);
  return { status, stdout, stderr };
}

describe('standard streams', () => {
  it('stop a long table when its reader has gone', () => {
    const start = Date.now();
    const { stdout, stderr } = bash('set -o pipefail; $b vectors binary16 add --count 3000000 | head -1; echo $?');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^[0-9A-F]{4} [0-9A-F]{4} [0-9A-F]{4} [0-9A-F]+\n0\n$/i);
    // 3 million take a minute.
    expect(Date.now() - start).toBeLessThan(15_000);
  });

  it.each([
    ['a full disk', '$b targets >/dev/full', 'ENOSPC'],
    ['a stream for reading only', '$b targets 1</dev/null', 'EBADF'],
    ['a folder to read', '$b verify binary16 add - <.', 'EISDIR'],
  ])('are refused in one line: %s', (_, line, code) => {
    const { status, stdout, stderr } = bash(line);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain(code);
  });

  it('may be slow, and not block', () => {
    // A reader that sleeps: the pipe is full, and Node has set it not to block.
    const { stdout, stderr } = bash('$b table binary16 --json | (sleep 0.5; md5sum)');
    expect(stderr).toBe('');
    expect(stdout).toBe(bash('$b table binary16 --json > t.json; md5sum < t.json', folder()).stdout);
    expect(bash('(sleep 0.3; echo "3C00 3C00 4000 00") | $b verify binary16 add -').status).toBe(0);
  });

  it('are read as they come: a table is never held whole', () => {
    // 400,000 rows do not fit into a heap of 80 MiB; the 100,000 that a diagnosis would try do.
    const rows = "yes '3C00 3C00 4000 00' | head -400000";
    const { status, stdout, stderr } = bash(`${rows} | \${b/node/node --max-old-space-size=80} verify binary16 add -`);
    expect({ status, stdout, stderr }).toMatchObject({ status: 0, stderr: '' });
    expect(stdout).toContain('no difference in 400000 rows');
  });
});

describe('paths that lead nowhere', () => {
  it('are told in one line', () => {
    const path = folder();
    writeFileSync(join(path, 'x.npy'), '');
    symlinkSync('b', join(path, 'a'));
    symlinkSync('a', join(path, 'b'));
    const wrong = [
      join(path, 'x.npy/'),
      join(path, 'x.npy/sub'),
      join(path, 'a'),
      join(path, 'y'.repeat(300)),
      '/dev/null',
      '',
    ];
    for (const given of wrong) {
      for (const args of [
        ['check', given],
        ['slanc', given],
        ['quantize', given],
        ['communicate', given],
        ['communicate', '--calibration', given],
        ['check', '--text', given],
        ['check', '--tokens', given],
        ['check', '--target', `${given}.json`],
        ['verify', 'binary16', 'add', given],
        ['compare-targets', 'h100:f16', 'a100:f16', '--input', given],
      ]) {
        const { status, out, err } = bittrue(...args);
        expect({ status, out }, args.join(' ')).toEqual({ status: 2, out: '' });
        expect(err, args.join(' ')).toMatch(oneLine);
      }
    }
    for (const given of wrong.slice(0, 4)) {
      for (const args of [
        ['quantize', '--output', given],
        ['communicate', '--html', given],
        ['communicate', '--save-calibration', join(given, 'x.json')],
      ]) {
        if (given === wrong[0] && args[1] === '--html') continue;
        const { status, out, err } = bittrue(...args, ...(args[0] === 'quantize' ? [] : ['--devices', '2']));
        expect({ status, out }, args.join(' ')).toEqual({ status: 2, out: '' });
        expect(err, args.join(' ')).toMatch(oneLine);
        expect(err).toContain(`bittrue: ${args[1]}: expected`);
      }
    }
  });

  it('are shown without their control characters', () => {
    expect(bittrue('check', 'a\u001b[31m\nb.npy').err).toBe(
      'bittrue: path: expected a file that can be read, received a\\u001b[31m\\u000ab.npy (ENOENT)\n',
    );
  });
});

describe('files that are there', () => {
  const tokens = ['--tokens', 'test/cli/tokens.json', '--calibration-tokens', 'test/cli/tokens.json'];
  const page = (...args: string[]) => bittrue('communicate', '--devices', '2', '--codec', 'bf16', ...tokens, ...args);

  it('are replaced where the same command wrote them, with their permissions, or by --force', () => {
    const file = join(folder(), 'page.html');
    writeFileSync(file, 'a diary');
    const refused = page('--html', file);
    expect(refused).toMatchObject({ status: 2, out: '', err: expect.stringContaining('--force') });
    expect(readFileSync(file, 'utf8')).toBe('a diary');
    expect(page('--html', file, '--force').status).toBe(0);
    chmodSync(file, 0o640);
    expect(page('--html', file).status).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(page('--force').status).toBe(2);
  });

  it('are never replaced where they are links, folders or devices', () => {
    const path = folder();
    writeFileSync(join(path, 'target'), 'precious');
    symlinkSync('target', join(path, 'link.html'));
    mkdirSync(join(path, 'folder.html'));
    for (const file of [join(path, 'link.html'), join(path, 'folder.html'), '/dev/null']) {
      expect(page('--html', file, '--force'), file).toMatchObject({ status: 2, out: '' });
    }
    expect(readFileSync(join(path, 'target'), 'utf8')).toBe('precious');
  });

  it('that cannot be written at last do not cost the result', () => {
    const path = folder();
    const output = join(path, 'out');
    const spy = vi.spyOn(Date, 'now').mockImplementation(() => {
      // The folder goes away while the command works.
      writeFileSync(output, '', { flag: 'a' });
      return 0;
    });
    try {
      const shown = page('--save-calibration', join(output, 'ranges.json'), '--json');
      expect(shown.status).toBe(2);
      expect(JSON.parse(shown.out)).toMatchObject({ schema: 'communication-studies/1' });
      expect(shown.err).toMatch(oneLine);
    } finally {
      spy.mockRestore();
    }
  });
});

describe('a mistake of ours', () => {
  it('is neither an event nor the user’s: one line, exit 70, a trace where asked for', () => {
    let err = '';
    const io = {
      out: (): boolean => {
        throw new TypeError('no such\nthing');
      },
      err: (text: string) => {
        err += text;
      },
      color: false,
      progress: false,
    };
    expect(runCommand(['targets'], io)).toBe(INTERNAL);
    expect(err).toBe('bittrue: internal error: TypeError: no such\\u000athing (BITTRUE_TRACE=1 shows where)\n');
    err = '';
    expect(runCommand(['targets'], { ...io, trace: true })).toBe(70);
    expect(err).toContain('streams.test.ts');
  });
});
