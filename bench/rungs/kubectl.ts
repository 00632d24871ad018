import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fleet, fleetYaml } from '../../lib';
import { measureProgram, measure, toResult } from '../measure';
import type { Rung, RungResult } from '../rung';
import { onCluster } from '../support/bench-cluster';

/** kubectl is slow enough that few hosts tell. */
const WAYS = [
  { name: 'kubectl-apply', count: 100, args: [] },
  { name: 'kubectl-apply-ssa', count: 100, args: ['--server-side'] },
  { name: 'kubectl-apply-novalidate', count: 500, args: ['--server-side', '--validate=false'] },
] as const;

export const kubectl: Rung = {
  name: 'kubectl',
  results: WAYS.map(({ name }) => name),
  description: 'the same by kubectl apply, with our engine on as many hosts right after each',
  run: () =>
    onCluster(async ({ dir, kubeconfig }) => {
      const results: RungResult[] = [];
      for (const { name, count, args } of WAYS) {
        const file = join(dir, `${name}.yaml`);
        writeFileSync(file, [...fleetYaml(new Fleet({ name, count }))].join(''));
        const theirs = await measureProgram('kubectl', ['--kubeconfig', kubeconfig, 'apply', ...args, '-f', file]);
        // On more hosts: on as few as kubectl is given, connecting would be half of it.
        const ours = await measure(process.execPath, [
          join(__dirname, '..', 'apply-client.js'),
          'apply',
          kubeconfig,
          `ours-${name}`,
          '1000',
        ]);
        rmSync(file);
        const ratio = 1_000 / ours.seconds / (count / theirs.seconds);
        results.push(toResult(name, count, theirs, `apply beside it is ${ratio.toFixed(1)} times as fast`));
      }
      return results;
    }),
};
