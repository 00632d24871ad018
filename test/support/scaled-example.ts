/** A scenario of `examples/` with few clusters and hosts, and short waits: what it does stays the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { TestbedProps } from '../../lib/testbed/resolve';
import { requireTestbedShape } from '../../lib/testbed/schema';
import { root } from './cli';

/** Longer than a MachineHealthCheck of the examples waits. */
const MOST_FAULT_SECONDS = 120;
const MOST_REST_SECONDS = 10;

type Json = Readonly<Record<string, unknown>>;

export function readExample(file: string): TestbedProps {
  const props: unknown = parse(readFileSync(join(root, 'examples', file), 'utf8'));
  requireTestbedShape(props, file);
  return props as TestbedProps;
}

/** @param most how many clusters there are at most, and hosts of sets of their own */
export function scaledExample(props: TestbedProps, most: number): TestbedProps {
  const { clusterSets = [], hostSets, scenario } = props;
  const total = clusterSets.reduce((sum, { count }) => sum + count, 0);
  const share = Math.min(1, most / total);
  // The nth of all clusters becomes this one of few: the first stays the first, and the last the last.
  const placeOf = (n: number) => (n === 0 ? 0 : Math.max(1, Math.round(n * share)));
  const selection = (clusters: unknown): unknown => {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(String(clusters)) ?? [];
    return from === undefined ? clusters : `${placeOf(Number(from) - 1) + 1}-${placeOf(Number(to))}`;
  };
  const scaled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(scaled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value as Json).map(([key, each]) => {
        if (key === 'clusters') return [key, selection(each)];
        if (key === 'size') return [key, placeOf(Number(each))];
        if (key === 'forSeconds') return [key, Math.min(Number(each), MOST_FAULT_SECONDS)];
        if (key === 'seconds') return [key, Math.min(Number(each), MOST_REST_SECONDS)];
        return [key, scaled(each)];
      }),
    );
  };
  return {
    ...props,
    hostSets: hostSets?.map((set) => ({ ...set, count: Math.min(set.count, most) })),
    clusterSets: clusterSets.map((set) => ({ ...set, count: placeOf(set.count) })),
    scenario: scenario && { ...scenario, steps: scaled(scenario.steps) as typeof scenario.steps },
  };
}
