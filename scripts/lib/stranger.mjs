/**
 * The package as a stranger gets it: packed, and installed into a folder of its own.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './project.mjs';

/** What every install here leaves out. */
export const quietly = ['--silent', '--no-audit', '--no-fund'];

/**
 * Packs the package and installs the tarball into a folder, with production dependencies only.
 *
 * @param {string} folder
 * @returns {{ ok: boolean, size: number, text: string }} whether both went well, the tarball's bytes, and what npm said
 */
export function installPacked(folder) {
  /** @type {string[]} */
  const said = [];
  const npm = (/** @type {string[]} */ args, /** @type {string} */ cwd) => {
    const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8', timeout: 300_000 });
    said.push(stdout, stderr);
    return status === 0;
  };
  const isPacked = npm(['pack', '--silent', '--pack-destination', folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (!isPacked || tarball === undefined) return { ok: false, size: 0, text: said.join('\n') };
  writeFileSync(join(folder, 'package.json'), '{ "name": "stranger", "private": true, "type": "module" }\n');
  const ok = npm(['install', ...quietly, '--omit=dev', '--prefer-offline', `./${tarball}`], folder);
  return { ok, size: statSync(join(folder, tarball)).size, text: said.join('\n') };
}
