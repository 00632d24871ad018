import type { ProgramSpec } from './catalog';
import type { FetchOptions } from './go-build';
export function downloadRelease(_spec: ProgramSpec, _options: FetchOptions): Promise<string | undefined> {
  return Promise.resolve(undefined);
}
