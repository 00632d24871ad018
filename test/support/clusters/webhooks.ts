/** Webhooks that a process on this machine answers, in place of a Service. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueCa, issueLeaf, type KeyPair } from '../../../src/cluster/local/issue';
import type { KubernetesObject } from '../../../src/kubernetes/objects';
import { VALIDITY } from '../certificates';

interface ClientConfig {
  readonly service?: { readonly path?: string };
}

export class WebhookCertificates {
  private constructor(private readonly ca: KeyPair) {}

  static async issue(): Promise<WebhookCertificates> {
    return new WebhookCertificates(await issueCa(VALIDITY));
  }

  /** Writes the certificate of a manager's webhooks where it looks for one. */
  async write(dir: string): Promise<void> {
    const serverNames = { dns: ['localhost'], ip: ['127.0.0.1'] };
    const { cert, key } = await issueLeaf(this.ca, { commonName: 'webhooks', serverNames, client: false }, VALIDITY);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'tls.crt'), cert);
    writeFileSync(join(dir, 'tls.key'), key);
  }

  /** An object whose webhooks are at a port of this machine. */
  at(object: KubernetesObject, port: number): KubernetesObject {
    const caBundle = Buffer.from(this.ca.cert).toString('base64');
    const here = ({ service }: ClientConfig) => ({ url: `https://127.0.0.1:${port}${service?.path ?? '/'}`, caBundle });
    if (object.kind === 'CustomResourceDefinition') {
      const { spec } = object as unknown as {
        readonly spec: { readonly conversion?: { readonly webhook: { readonly clientConfig: ClientConfig } } };
      };
      const { conversion } = spec;
      if (conversion === undefined) return object;
      const webhook = { ...conversion.webhook, clientConfig: here(conversion.webhook.clientConfig) };
      return { ...object, spec: { ...spec, conversion: { ...conversion, webhook } } };
    }
    const { webhooks } = object as unknown as { readonly webhooks: readonly { readonly clientConfig: ClientConfig }[] };
    return { ...object, webhooks: webhooks.map((each) => ({ ...each, clientConfig: here(each.clientConfig) })) };
  }
}
