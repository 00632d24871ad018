import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interleaved, measureNode, toResult } from '../measure';
import type { Benchmark } from '../benchmark';

const COUNT = 5_000;

export const synth: Benchmark = {
  name: 'synth',
  description: 'a BareMetalHostSet through cdk8s to a file, beside the same objects as bare ApiObjects',
  async run() {
    const outdir = mkdtempSync(join(tmpdir(), 'metal3-testbed-bench-'));
    try {
      const run = (how: 'set' | 'bare') => () => measureNode('bench/synth-app.js', [how, String(COUNT), outdir]);
      const usage = await interleaved({ set: run('set'), bare: run('bare') }, 5);
      return [
        toResult(
          'synth',
          COUNT,
          usage.set,
          `${(usage.set.seconds / usage.bare.seconds).toFixed(2)} x the time of bare ApiObjects`,
        ),
        toResult('synth-bare', COUNT, usage.bare),
      ];
    } finally {
      rmSync(outdir, { recursive: true });
    }
  },
};
