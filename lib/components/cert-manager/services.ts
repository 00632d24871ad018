import { k8s } from 'cdk8s-plus-27';
import { metricsPort } from './pods';
import { isAtLeast, type CertManagerComponent, type CertManagerVersion } from './releases';

/** The ports of a component's Service; empty where the release has no Service for it. */
export function servicePorts(version: CertManagerVersion, component: CertManagerComponent): k8s.ServicePort[] {
  const isNewest = isAtLeast(version, 'v1.21.1');
  const metrics: k8s.ServicePort = { name: 'http-metrics', port: metricsPort, protocol: 'TCP' };
  switch (component) {
    case 'controller':
      if (isNewest) return [metrics];
      return [
        {
          ...metrics,
          name: 'tcp-prometheus-servicemonitor',
          targetPort: k8s.IntOrString.fromNumber(metricsPort),
        },
      ];
    case 'webhook': {
      const reviews: k8s.ServicePort = {
        name: 'https',
        port: 443,
        protocol: 'TCP',
        targetPort: k8s.IntOrString.fromString('https'),
      };
      if (!isNewest) return [reviews];
      return [reviews, { ...metrics, name: 'metrics', targetPort: k8s.IntOrString.fromString('http-metrics') }];
    }
    case 'cainjector':
      return isNewest ? [metrics] : [];
  }
}
