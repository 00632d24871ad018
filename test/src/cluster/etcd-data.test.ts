import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { damageOfWaiting } from '../../../src/cluster/local/etcd-data';

/** As etcd writes it. */
const unpublished = (error: string) =>
  JSON.stringify({
    level: 'warn',
    msg: 'failed to publish local member to cluster through raft',
    'publish-timeout': '7s',
    error,
  });
const logOf = (...lines: readonly string[]) => `{"level":"info","msg":"starting etcd"}\n${lines.join('\n')}\n`;

describe('damageOfWaiting', () => {
  it('sees the end of the log missing where etcd has waited for it twice', () => {
    const waited = unpublished('etcdserver: request timed out');
    assert.match(damageOfWaiting(logOf(waited, waited))?.what ?? '', /end of the write-ahead log is missing/);
  });

  it('sees no damage where etcd has waited once, as on a slow machine', () => {
    assert.equal(damageOfWaiting(logOf(unpublished('etcdserver: request timed out'))), undefined);
  });

  it('sees no damage in an etcd that still applies its log', () => {
    const busy = unpublished('etcdserver: too many requests');
    assert.equal(damageOfWaiting(logOf(busy, busy, busy)), undefined);
  });
});
