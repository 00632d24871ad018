import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheDir } from '../programs/cache';

/**
 * Imported before what is large: from the second time on, Node.js takes it as it was compiled, in a third of the time. In
 * the cache of this user, since whoever can write such files decides what runs; where it cannot be written, nothing is kept.
 */
enableCompileCache(join(cacheDir(process.env), 'compiled'));
