import assert from 'node:assert/strict';
import { join } from 'node:path';
import { root, runProgram, type CliResult } from './cli';

/** Runs a program, which has to succeed. */
export async function succeeds(file: string, args: readonly string[], cwd = root): Promise<CliResult> {
  const result = await runProgram(file, args, { cwd });
  assert.equal(result.code, 0, `${file} ${args.join(' ')}\n${result.stdout}\n${result.stderr}`);
  return result;
}

/** The package as npm publishes it. */
export interface Packed {
  readonly tarball: string;
  readonly paths: readonly string[];
  /** Its size, and that of all its files. */
  readonly bytes: number;
  readonly unpackedBytes: number;
}

/** @param dir where its file is put */
export async function pack(dir: string): Promise<Packed> {
  const { stdout } = await succeeds('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir]);
  const [packed] = JSON.parse(stdout) as [
    { filename: string; size: number; unpackedSize: number; files: { path: string }[] },
  ];
  return {
    tarball: join(dir, packed.filename),
    paths: packed.files.map(({ path }) => path),
    bytes: packed.size,
    unpackedBytes: packed.unpackedSize,
  };
}

/** Installs packages into a project, as somebody does who has none yet. */
export function install(project: string, packages: readonly string[]): Promise<CliResult> {
  return succeeds('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], project);
}
