/** The Pulumi program: a testbed on the cluster that the stack's configuration names (Pulumi.yaml). */
import { resolve } from 'node:path';
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { TestbedResources } from './testbed-resources';
import { readTestbedFile } from '../src/testbed-file';

async function main(): Promise<Record<string, unknown>> {
  const config = new pulumi.Config();
  const description = config.get('description');
  const testbed = description ? await readTestbedFile(resolve(description)) : {};
  const context = config.get('context');
  const provider = new kubernetes.Provider('cluster', {
    kubeconfig: config.require('kubeconfig'),
    ...(context ? { context } : {}),
    enableServerSideApply: true,
  });
  const resources = new TestbedResources('testbed', { provider, testbed });
  return { objects: resources.names.length };
}

export = main;
