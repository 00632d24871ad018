import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requireSameCluster } from '../../../stacks/resources/connection';
import { rejects } from '../../support/rejects';

const at = (port: number) => `clusters:
- { name: a, cluster: { server: 'https://127.0.0.1:${port}' } }
users:
- { name: a, user: { token: t } }
contexts:
- { name: a, context: { cluster: a, user: a } }
current-context: a
`;

const given = (kubeconfig: string, provided: string | undefined) =>
  requireSameCluster('HostFleet a', { kubeconfig }, { kubeconfig: provided });

describe('a cluster that a program says twice', () => {
  it('is taken where both are the same, and where the provider does not say', async () => {
    assert.equal(await given(at(1), at(1)), at(1));
    assert.equal(await given(at(1), undefined), at(1));
  });

  it('is refused where the provider is of another one', async () => {
    const refused = /kubeconfig and provider of HostFleet a are for two different clusters/;
    await rejects(given(at(1), at(2)), refused, 'invalid-input');
  });
});
