/** What stacks put out, as others read it. */
import * as pulumi from '@pulumi/pulumi';
import { invalidInput } from '../lib/errors';
import { withPlainErrors } from './plain-errors';
import type { FleetNames, Readiness } from './resources/fleet-state';

/** What a stack of the layer `cluster` has put out. */
export interface ClusterStackOutputs {
  /** Content of a kubeconfig of that cluster alone; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Whether the cluster runs pods. */
  readonly hasPods: boolean;
  /** Whether deleted namespaces end there. */
  readonly hasControllers: boolean;
  /** Folder of an embedded control plane; '' for another cluster. */
  readonly folder: string;
}

/** What a stack of the layer `platform` has put out. */
export interface PlatformStackOutputs {
  /** Content of the cluster's kubeconfig; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Namespaces that operators watch by name; empty where one watches all. */
  readonly watchedNamespaces: readonly string[];
}

/** What a stack of the layer `hosts` has put out, most of it by fleet. */
export interface HostsStackOutputs {
  /** Content of the cluster's kubeconfig; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** How many hosts are described. */
  readonly hosts: number;
  readonly hostNames: Readonly<Record<string, FleetNames>>;
  readonly namespaces: Readonly<Record<string, readonly string[]>>;
  readonly objects: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly readiness: Readonly<Record<string, Readiness>>;
}

/** What a stack of the layer `clusters` has put out, most of it by fleet. */
export interface ClustersStackOutputs {
  /** Content of the management cluster's kubeconfig; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** How many clusters are described. */
  readonly clusters: number;
  /** How many machines they have in all. */
  readonly machines: number;
  readonly clusterNames: Readonly<Record<string, FleetNames>>;
  readonly namespaces: Readonly<Record<string, readonly string[]>>;
  readonly objects: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly readiness: Readonly<Record<string, Readiness>>;
}

/**
 * @param stack its name, or `{organization}/{project}/{stack}`
 * @throws TestbedError (`invalid-input`) where that stack is not up
 */
export function clusterOutputs(stack: string): Promise<ClusterStackOutputs> {
  return layerOutputs<ClusterStackOutputs>(stack, ['kubeconfig', 'hasPods', 'hasControllers', 'folder']);
}

/**
 * @param stack its name, or `{organization}/{project}/{stack}`
 * @throws TestbedError (`invalid-input`) where that stack is not up
 */
export function platformOutputs(stack: string): Promise<PlatformStackOutputs> {
  return layerOutputs<PlatformStackOutputs>(stack, ['kubeconfig', 'watchedNamespaces']);
}

/**
 * @param stack its name, or `{organization}/{project}/{stack}`
 * @throws TestbedError (`invalid-input`) where that stack is not up
 */
export function hostsOutputs(stack: string): Promise<HostsStackOutputs> {
  const keys = ['kubeconfig', 'hosts', 'hostNames', 'namespaces', 'objects', 'readiness'] as const;
  return layerOutputs<HostsStackOutputs>(stack, keys);
}

/**
 * @param stack its name, or `{organization}/{project}/{stack}`
 * @throws TestbedError (`invalid-input`) where that stack is not up
 */
export function clustersOutputs(stack: string): Promise<ClustersStackOutputs> {
  const names = ['clusterNames', 'namespaces', 'objects', 'readiness'] as const;
  return layerOutputs<ClustersStackOutputs>(stack, ['kubeconfig', 'clusters', 'machines', ...names]);
}

/**
 * What another stack has put out.
 *
 * @param name the stack: its name, which is one of this project, or `{organization}/{project}/{stack}`
 * @param keys the outputs that it has to have
 * @returns those outputs, secret ones as secrets and the others as plain values
 * @throws TestbedError (`invalid-input`) naming those that it has not
 */
export function layerOutputs<T extends object>(name: string, keys: readonly (keyof T & string)[]): Promise<T> {
  return withPlainErrors(async () => {
    const fullName = fullStackName(name);
    const stack = new pulumi.StackReference(name, { name: fullName });
    const outputs: Record<string, unknown> = {};
    for (const key of keys) {
      const details: { readonly value?: unknown; readonly secretValue?: unknown } = await stack.getOutputDetails(key);
      outputs[key] = details.secretValue === undefined ? details.value : pulumi.secret(details.secretValue);
    }
    const missing = keys.filter((key) => outputs[key] === undefined);
    if (missing.length > 0) {
      throw invalidInput(
        `stack ${fullName} has no output ${missing.join(', ')}: run 'pulumi up --stack ${name}' first, or name another stack`,
      );
    }
    return outputs as T;
  });
}

/** `{organization}/{project}/{stack}`: of this project's where only its last part is given. */
function fullStackName(name: string): string {
  return name.includes('/') ? name : `${pulumi.getOrganization()}/${pulumi.getProject()}/${name}`;
}
