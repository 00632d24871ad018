/** Whether etcd's data is whole, as far as its files and its log tell. etcd itself panics, or waits for ever. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TestbedError } from '../../../lib/errors';

/** What is wrong with which file, below the data folder. */
export interface Damage {
  readonly file: string;
  readonly what: string;
}

const DATABASE = join('member', 'snap', 'db');
const LOG_FOLDER = join('member', 'wal');

/** What can be seen before etcd is started, and would make it wait for a log that never comes. */
export function damageOfFiles(dataDir: string): Damage | undefined {
  const database = statSync(join(dataDir, DATABASE), { throwIfNoEntry: false });
  if (database === undefined || database.size === 0) return undefined;
  let logs: string[];
  try {
    logs = readdirSync(join(dataDir, LOG_FOLDER)).filter((name) => name.endsWith('.wal'));
  } catch {
    logs = [];
  }
  if (logs.length === 0) return { file: LOG_FOLDER, what: 'its write-ahead log (*.wal) is missing' };
  const empty = logs.find((name) => statSync(join(dataDir, LOG_FOLDER, name)).size === 0);
  return empty === undefined ? undefined : { file: join(LOG_FOLDER, empty), what: 'it is empty' };
}

/** What etcd says of damaged data, by the file that it is about. */
const SAID: readonly (readonly [pattern: RegExp, file: string, what: string])[] = [
  [
    /(invalid database|meta pages? (is|are) invalid|failed to (open|map) (database|db file)|page expected to be|freelist|unexpected fault address|SIGBUS|panic: .*(page|bolt))/i,
    DATABASE,
    'it was cut off or overwritten',
  ],
  [
    /snap(shot)?\b.*(crc mismatch|empty snapshot|corrupt)|failed to recover v3 backend/i,
    join('member', 'snap'),
    'a snapshot is damaged',
  ],
  [
    /walpb?: |wal: .*(crc|mismatch|not found)|cannot use none as id|failed to (read|open) WAL/i,
    LOG_FOLDER,
    'the write-ahead log is damaged',
  ],
];

/** @param log of an etcd that has ended */
export function damageInLog(log: string): Damage | undefined {
  const [, named] = /mismatch.*in file '([^'/]+\.wal)'/.exec(log) ?? [];
  if (named !== undefined) return { file: join(LOG_FOLDER, named), what: 'its checksum is wrong' };
  const found = SAID.find(([pattern]) => pattern.test(log));
  return found && { file: found[1], what: found[2] };
}

/**
 * What keeps an etcd waiting that runs: it looks for the end of a log that was cut off. A machine that is very slow makes it
 * say the same once. One that has much of its log to apply anew says something else, again and again: that there are too
 * many requests.
 *
 * @param log of an etcd that was started on data of an earlier run
 */
export function damageOfWaiting(log: string): Damage | undefined {
  const failures = log.match(/failed to publish local member to cluster.*request timed out/g)?.length ?? 0;
  return failures >= 2 ? { file: LOG_FOLDER, what: 'the end of the write-ahead log is missing' } : undefined;
}

export function damagedData(dataDir: string, { file, what }: Damage, log = ''): TestbedError {
  return new TestbedError(
    'environment',
    `etcd cannot start from its data: ${join(dataDir, file)} is damaged (${what}), which a full disk or a power cut can cause; restore the folder ${dataDir} from a copy, or delete the testbed with 'metal3-testbed down --delete' and start again${log}`,
  );
}
