import type { Command } from 'commander';
import type { CommandName } from './command-list';

/** Only what is asked for is loaded: the others bring libraries that take more memory than a stream of a million hosts. */
export const MODULES: Readonly<Record<CommandName, () => Promise<{ register(program: Command): void }>>> = {
  init: () => import('./commands/init.js'),
  up: () => import('./commands/up.js'),
  run: () => import('./commands/run.js'),
  tune: () => import('./commands/tune.js'),
  status: () => import('./commands/status.js'),
  wait: () => import('./commands/wait.js'),
  down: () => import('./commands/down.js'),
  generate: () => import('./commands/generate.js'),
  apply: () => import('./commands/apply.js'),
  diff: () => import('./commands/diff.js'),
  prune: () => import('./commands/prune.js'),
  manifests: () => import('./commands/manifests.js'),
  report: () => import('./commands/report.js'),
  compare: () => import('./commands/compare.js'),
  doctor: () => import('./commands/doctor.js'),
  explain: () => import('./commands/explain.js'),
  completion: () => import('./commands/completion.js'),
};
