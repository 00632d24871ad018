import { customResource, type CustomResourceDefinition, type PrinterColumn, type Schema } from '../../../crd';
import { commonLabels } from '../labels';
import { isAtLeast, type CertManagerVersion } from '../releases';
import { asOf } from './since';

interface DefinitionProps {
  /** @default 'cert-manager.io' */
  readonly group?: 'acme.cert-manager.io' | 'cert-manager.io';
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly scope?: 'Cluster';
  readonly spec: Schema;
  readonly status: Schema;
  readonly required: readonly ('metadata' | 'spec')[];
  readonly columns: readonly PrinterColumn[];
  /** Whether lists may be selected by the issuer, in releases that have it. */
  readonly selectableByIssuer?: boolean;
}

/** What the definitions of all kinds have in common. Spec and status may carry notes on releases. */
export function definition(version: CertManagerVersion, props: DefinitionProps): CustomResourceDefinition {
  const { group = 'cert-manager.io', kind, plural, shortNames, scope, spec, status, required, columns } = props;
  const isNewest = isAtLeast(version, 'v1.21.1');
  const labels = { app: 'cert-manager', ...commonLabels(version, 'cert-manager') };
  return customResource({
    group,
    kind,
    plural,
    shortNames,
    scope,
    categories: group === 'cert-manager.io' ? ['cert-manager'] : ['cert-manager', 'cert-manager-acme'],
    labels: isNewest ? { ...labels, 'app.kubernetes.io/component': 'crds' } : labels,
    annotations: isNewest ? { 'helm.sh/resource-policy': 'keep' } : undefined,
    versions: [
      {
        name: 'v1',
        spec: asOf(version, spec),
        status: asOf(version, status),
        required,
        columns: [...columns, { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
        subresources: { status: {} },
        selectableFields:
          isNewest && props.selectableByIssuer === true
            ? ['.spec.issuerRef.group', '.spec.issuerRef.kind', '.spec.issuerRef.name']
            : undefined,
      },
    ],
  });
}

/** Where `kubectl get` finds the status or the message of a condition. The releases space the same path differently. */
export function conditionPath(version: CertManagerVersion, type: string, field: 'message' | 'status'): string {
  const equals = isAtLeast(version, 'v1.21.1') ? ' == ' : '==';
  return `.status.conditions[?(@.type${equals}"${type}")].${field}`;
}
