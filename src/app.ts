/**
 * The cdk8s app behind `cdk8s synth`: the testbed that `testbed.yaml` in the current folder describes (or the file that
 * METAL3_TESTBED_FILE names), and without one the blog's.
 */
import './util/require-node';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { App, Names, type Chart } from 'cdk8s';
import { TestbedError } from '../lib/errors';
import { managementClusters } from '../lib/testbed/management-clusters';
import { Testbed } from '../lib/testbed/testbed';
import { applyScript, applySteps } from './testbed/apply-script';
import { readTestbedFile, withDescription } from './testbed/file';

const DEFAULT_FILE = 'testbed.yaml';

async function main(): Promise<void> {
  const named = process.env['METAL3_TESTBED_FILE'];
  const file = named ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  const description = file === undefined ? {} : await readTestbedFile(file);
  const all = await withDescription(file, () => managementClusters(description));
  const { outdir } = new App();
  const synthesized: { app: App; charts: readonly Chart[] }[] = [];
  for (const [index, { name, props }] of all.entries()) {
    const described = description.managementClusters?.[index];
    // What is applied to one cluster is in one folder.
    const app = new App({ outdir: described === undefined ? outdir : join(outdir, name) });
    const own = described && { index, keys: new Set(Object.keys(described)) };
    synthesized.push({ app, ...(await withDescription(file, () => new Testbed(app, 'testbed', props), own)) });
  }
  for (const { app, charts } of synthesized) {
    app.synth();
    // Files that are only made to be printed are gone in a moment.
    if (isIn(app.outdir, '.') || !isIn(app.outdir, tmpdir())) writeScript(app, charts);
  }
}

function isIn(path: string, folder: string): boolean {
  return resolve(path).startsWith(resolve(folder) + sep);
}

/** Writes the script that applies the files, and says what it does: stdout may be what somebody parses. */
function writeScript(app: App, charts: readonly Chart[]): void {
  const fileOf = (chart: Chart) => `${Names.toDnsLabel(chart)}${app.outputFileExtension}`;
  const script = join(app.outdir, 'apply.sh');
  writeFileSync(script, applyScript(applySteps(charts, fileOf)));
  chmodSync(script, 0o755);
  const commands = applySteps(charts, (chart) => join(app.outdir, fileOf(chart)));
  process.stderr.write(
    `\n${script} applies it in one run, to the current context of kubectl. Step by step:\n` +
      `${commands.map(({ args }) => `  kubectl ${args.join(' ')}\n`).join('')}\n`,
  );
}

main().catch((error: unknown) => {
  // Whoever wrote the description can mend it without a stack trace.
  process.stderr.write(
    `${error instanceof TestbedError ? `error: ${error.message}` : ((error as Error).stack ?? String(error))}\n`,
  );
  process.exitCode = 1;
});
