/** Texts of one cluster as they are for another one that is like it. */
import { createHash, X509Certificate } from 'node:crypto';
import type { ClusterEndpoint } from '../../../../lib/kinds/cluster/cluster-set-props';
import { urlHost } from '../../../../lib/url-host';

/** Letters, digits and what names, addresses and hashes have between them. */
const TOKEN = /[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?/g;
/** Fields whose texts are words of the API, which a cluster may be called by too. */
const WORDS: ReadonlySet<string> = new Set(['apiGroup', 'apiVersion', 'kind', 'type', 'reason', 'status', 'format']);
/** An address of IPv6, or a MAC address, within a text. */
const COLONS = /(?<![\w:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:.])/g;

export class Renaming {
  private readonly names = new Map<string, string>();
  private readonly addresses = new Map<string, string>();
  /** Blocks of PEM, without what they are indented by. */
  private readonly blocks = new Map<string, string>();
  private endpoint: { readonly from: ClusterEndpoint; readonly to: ClusterEndpoint } | undefined;

  /** A name, uid or hash; wherever it stands alone in a text. */
  name(from: string, to: string): void {
    if (from !== to) this.names.set(from, to);
  }

  address(from: string, to: string): void {
    if (from === to) return;
    (from.includes(':') ? this.addresses : this.names).set(from, to);
  }

  endpoints(from: ClusterEndpoint, to: ClusterEndpoint): void {
    this.endpoint = { from, to };
  }

  /** A certificate or key as PEM, also where it is indented; of certificates also the hash that kubeadm pins them by. */
  pem(from: string, to: string): void {
    this.blocks.set(from.trim(), to.trim());
    const [before, after] = [pinOf(from), pinOf(to)];
    if (before !== undefined && after !== undefined) this.name(before, after);
  }

  text(text: string): string {
    const known = this.names.get(text);
    if (known !== undefined) return known;
    let result = this.withBlocks(text);
    if (this.endpoint !== undefined) {
      const { from, to } = this.endpoint;
      const pattern = new RegExp(`(?<![\\w.:-])${escaped(addressOf(from))}(?!\\d)`, 'g');
      result = result.replaceAll(pattern, addressOf(to));
    }
    result = result.replace(TOKEN, (token) => this.names.get(token) ?? token);
    if (this.addresses.size === 0) return result;
    return result.replace(COLONS, (address) => this.addresses.get(address) ?? address);
  }

  /** All texts of a value, and the fields that are called by a name. */
  value<T>(value: T): T {
    return this.renamed(value, '') as T;
  }

  private renamed(value: unknown, field: string): unknown {
    if (typeof value === 'string') return WORDS.has(field) ? value : this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.renamed(item, field));
    if (typeof value !== 'object' || value === null) return value;
    const { host, port } = value as Partial<ClusterEndpoint>;
    if (this.endpoint !== undefined && host === this.endpoint.from.host && port === this.endpoint.from.port)
      return { ...value, ...this.endpoint.to };
    return Object.fromEntries(
      // Pools say which claim has which address.
      Object.entries(value).map(([key, each]) => [
        field === 'indexes' ? (this.names.get(key) ?? key) : key,
        this.renamed(each, key),
      ]),
    );
  }

  private withBlocks(text: string): string {
    if (this.blocks.size === 0 || !text.includes('-----BEGIN ')) return text;
    return text.replace(/^([ \t]*)-----BEGIN [^]*?-----END [A-Z0-9 ]+-----/gm, (block: string, indent: string) => {
      const bare = block
        .split('\n')
        .map((line) => line.trim())
        .join('\n');
      const other = this.blocks.get(bare);
      return other === undefined ? block : indent + other.replaceAll('\n', `\n${indent}`);
    });
  }
}

function addressOf({ host, port }: ClusterEndpoint): string {
  return `${urlHost(host)}:${port}`;
}

function escaped(text: string): string {
  return text.replaceAll(/[.[\]]/g, '\\$&');
}

/** SHA-256 of the public key of a certificate; undefined for another text. */
function pinOf(pem: string): string | undefined {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) return undefined;
  const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('hex');
}
