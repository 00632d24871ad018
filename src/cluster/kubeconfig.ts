import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { writeFileAtomicSync } from '../util/atomic-file';

/** What a kubeconfig with a client certificate says. */
export interface KubeconfigProps {
  readonly server: string;
  /** Name of its one context, cluster and user. */
  readonly name: string;
  /** PEM files; their content goes into the kubeconfig, so that it can be copied about alone. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Writes a kubeconfig (0600) with everything embedded. */
export function writeKubeconfig(file: string, props: KubeconfigProps): void {
  const embedded = (path: string) => readFileSync(path).toString('base64');
  const { name } = props;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: props.server, 'certificate-authority-data': embedded(props.caFile) } }],
    users: [
      {
        name,
        user: { 'client-certificate-data': embedded(props.certFile), 'client-key-data': embedded(props.keyFile) },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  writeFileAtomicSync(file, stringify(config));
}
