import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bareMetalHostKind } from '../../../lib/kinds/bare-metal-host/kind';
import { listTable } from '../../../src/watch/object-table';
import { HOSTS_PATH, watchHosts } from '../../support/hosts';
import { FakeApi } from '../install/fake-api';

describe('hosts of a cluster that has no such kind', () => {
  it('are an error that says so, however they are asked for', async (t) => {
    const api = await FakeApi.start(t);
    api.answers.set(`GET ${HOSTS_PATH}`, () => [404, '404 page not found']);
    const expected = { code: 'cluster', message: /^the API server has no BareMetalHosts: install their Custom/ };
    await assert.rejects(watchHosts(api.client).start(), expected);
    await assert.rejects(listTable(api.client, bareMetalHostKind), expected);
  });
});
