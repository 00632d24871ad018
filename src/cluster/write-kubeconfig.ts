import { stringify } from 'yaml';
import { writeFileAtomicSync } from '../util/atomic-file';
import { readBoundedSync } from '../util/read-bounded';

/** What a kubeconfig with a token says. */
export interface KubeconfigProps {
  readonly server: string;
  /** Name of its one context, cluster and user. */
  readonly name: string;
  /** PEM file; its content goes into the kubeconfig, so that it can be copied about alone. */
  readonly caFile: string;
  readonly token: string;
}

/** Writes a kubeconfig (0600) with everything embedded. */
export function writeKubeconfig(file: string, props: KubeconfigProps): void {
  const { name, server, token } = props;
  const ca = readBoundedSync(props.caFile).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': ca } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  writeFileAtomicSync(file, stringify(config));
}
