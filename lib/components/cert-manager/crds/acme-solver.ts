import { map, object, string } from '../../../crd';
import { dns01 } from './acme-dns01';
import { http01 } from './acme-http01';
import { list, since } from './since';

/** How challenges are solved, and for which names. */
export const acmeSolver = object({
  selector: object({ dnsNames: list(string()), dnsZones: list(string()), matchLabels: map(string()) }),
  dns01,
  http01,
  waitInsteadOfSelfCheck: since('v1.21.1', string()),
});
