#!/usr/bin/env node
/**
 * The command `bittrue`.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import pc from 'picocolors';
import { runCommand } from './run.ts';

// A reader that has seen enough (`| head`) is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(process.exitCode ?? 0);
  });
}

process.exitCode = runCommand(process.argv.slice(2), {
  out: (text) => {
    process.stdout.write(text);
  },
  err: (text) => {
    process.stderr.write(text);
  },
  color: process.stdout.isTTY === true && pc.isColorSupported,
  progress: process.stderr.isTTY === true,
  input: () => readFileSync(0, 'utf8'),
});
