import type { Image } from './schema';
import { parseGoUrl } from '../../go/url';
import { show } from '../../names';
import { isAtLeast } from '../../version';

/** The schemes that the webhook of v0.14 takes; that of v0.13 takes any, and a path. */
const SCHEMES = ['http', 'https', 'ftp', 'gopher', 'oci'];

/**
 * What the webhook of a release of BMO has against an image: Go has to take its URL, and all but live ISOs and OCI images
 * need a checksum.
 *
 * @param path where the image stands in the description
 */
export function imageProblems(image: Image, release: string, path = 'spec.image'): string[] {
  const isV014 = isAtLeast(release, 'v0.14');
  const isOci = /^oci:\/\//i.test(image.url);
  const problems: string[] = [];
  const url = parseGoUrl(image.url, { isRequest: true, hasStrictColons: isV014 });
  if (typeof url === 'string') {
    const example = isOci ? 'oci://registry/repository:tag' : 'http://host/path';
    problems.push(`${path}.url ${show(redact(image.url))} is not a valid URL: ${url}; write ${example}`);
  } else if (isV014 && !SCHEMES.includes(url.scheme)) {
    problems.push(
      `${path}.url ${show(redact(image.url))} has a scheme that v0.14 does not take: use one of ${SCHEMES.join(', ')}`,
    );
  }
  if (isV014 && isOci && image.checksum) {
    problems.push(`${path}.checksum is given for an oci:// image, which has its own: leave it out`);
  }
  if (!isOci && image.format !== 'live-iso' && !image.checksum) {
    problems.push(
      `${path}.checksum is missing: give it (any text does in test mode), or use the format live-iso or an oci:// image`,
    );
  }
  return problems;
}

/** A URL may carry a password; errors must not show it. */
function redact(url: string): string {
  return url.replace(/^([^/@:]*:(?:\/\/)?).*@/s, '$1…@');
}
