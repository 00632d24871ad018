/**
 * Loaded into a command before everything else (`node --require`): kills it, as the out-of-memory killer would, at a chosen
 * moment of starting or stopping a background process.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { basename } from 'node:path';

/** Where in its work a command is killed. */
export const KILL_POSITIONS = ['intent', 'spawning', 'spawned', 'writing', 'written'] as const;
export type KillPosition = (typeof KILL_POSITIONS)[number] | 'stopping';

const { KILL_NAME: name, KILL_AT: at } = process.env as {
  readonly KILL_NAME?: string;
  readonly KILL_AT?: KillPosition;
};

function die(): void {
  process.kill(process.pid, 'SIGKILL');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
}

if (name !== undefined) {
  const pidFile = `${name}.pid`;
  const isOfPidFile = (file: unknown) => basename(String(file)).startsWith(pidFile);
  const namesProcess = (content: unknown) => String(content).includes('"pid"');
  const { writeFileSync, renameSync } = fs;
  let content = '';
  fs.writeFileSync = (file, data, options) => {
    if (!isOfPidFile(file)) return writeFileSync(file, data, options);
    content = data as string;
    if (namesProcess(content) && at === 'spawned') die();
    if (namesProcess(content) && at === 'writing') {
      writeFileSync(file, content.slice(0, content.length / 2), options);
      die();
    }
    writeFileSync(file, data, options);
  };
  fs.renameSync = (from, to) => {
    renameSync(from, to);
    if (!isOfPidFile(to)) return;
    if (at === (namesProcess(content) ? 'written' : 'intent')) die();
    // From outside, at some moment of the milliseconds that follow.
    if (at === 'spawning' && !namesProcess(content))
      childProcess.spawn('sh', ['-c', `sleep 0.00${Math.floor(Math.random() * 9)}; kill -9 ${process.pid}`]);
  };
  if (at === 'stopping') {
    const kill = process.kill.bind(process);
    process.kill = (pid, signal) => {
      const result = kill(pid, signal);
      if (signal === 'SIGTERM') die();
      return result;
    };
  }
}
