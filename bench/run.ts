/**
 * `npm run bench [-- RUNG…]`: climbs the ladder in one run, prints it as a table and writes bench/latest.json. Absolute
 * figures differ between machines and hours; ratios between rungs of one run are what counts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { table } from '../src/cli/printers/table';
import { machineNow } from '../src/scenario/environment';
import type { Rung, RungResult } from './rung';
import { apply } from './rungs/apply';
import { available } from './rungs/available';
import { generate } from './rungs/generate';
import { pulumiFleet, pulumiResources } from './rungs/pulumi';
import { storage } from './rungs/storage';
import { synth } from './rungs/synth';
import { watch } from './rungs/watch';

const RUNGS: readonly Rung[] = [generate, synth, storage, apply, watch, available, pulumiResources, pulumiFleet];

const namesOf = ({ name, results = [] }: Rung): readonly string[] => [name, ...results];

async function main(asked: readonly string[]): Promise<void> {
  const unknown = asked.filter((name) => !RUNGS.some((rung) => namesOf(rung).includes(name)));
  if (unknown.length > 0)
    throw new Error(`unknown rung ${unknown.join(', ')}: use some of ${RUNGS.flatMap(namesOf).join(', ')}`);
  const machine = { ...machineNow(), node: process.version };
  const rungs: RungResult[] = [];
  for (const rung of RUNGS.filter((each) => asked.length === 0 || namesOf(each).some((name) => asked.includes(name)))) {
    process.stderr.write(`${rung.name}: ${rung.description}\n`);
    rungs.push(...(await rung.run(rungs)).map(rounded));
  }
  writeFileSync(
    join(__dirname, '..', '..', 'bench', 'latest.json'),
    `${JSON.stringify({ machine, rungs }, undefined, 2)}\n`,
  );
  const rows = rungs.map(({ name, count, perSecond, peakRssMB, cpuMsPerItem, note }) => [
    name,
    count.toLocaleString('en'),
    perSecond.toLocaleString('en'),
    String(peakRssMB),
    String(cpuMsPerItem),
    note ?? '',
  ]);
  process.stdout.write(`${table(['RUNG', 'COUNT', 'PER SECOND', 'PEAK MB', 'CPU MS/ITEM', 'NOTE'], rows)}\n`);
}

/** Three digits are more than any of these figures is good for. */
function rounded(result: RungResult): RungResult {
  const short = (value: number) => Number(value.toPrecision(3));
  return {
    ...result,
    perSecond: short(result.perSecond),
    peakRssMB: short(result.peakRssMB),
    cpuMsPerItem: short(result.cpuMsPerItem),
  };
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  process.exitCode = 1;
});
