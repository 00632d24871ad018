/** Files of an image as its layers, one upon the other, have them. A layer is fetched once something is looked for in it. */
import { TestbedError } from '../../../lib/errors';
import { quoted } from '../../../lib/visible';
import { pathInImage, type Entry, type LayerContent } from './layer';

/** As many links as Linux follows. */
const MAX_LINKS = 40;
/** As long as a path may be on Linux. */
const MAX_PATH = 4096;

/** Where a file is. */
export interface FoundFile {
  /** From the top. */
  readonly layer: number;
  readonly position: number;
}

export class ImageFiles {
  private readonly contents: LayerContent[] = [];

  /**
   * @param name of the image, for errors
   * @param count of its layers
   * @param contentOf a layer, counted from the top
   */
  constructor(
    private readonly name: string,
    private readonly count: number,
    private readonly contentOf: (layer: number) => Promise<LayerContent>,
  ) {}

  /**
   * Finds a file. Links are followed inside the image, whose root is where a path that begins with `/` begins.
   *
   * @throws TestbedError (`environment`) where it is not there, is not a file, or its links lead out of the image or nowhere
   */
  async find(path: string): Promise<FoundFile> {
    let rest = partsOf(path);
    let at: string[] = [];
    for (let links = 0; ;) {
      const part = rest.shift();
      if (part === undefined) throw this.wrong(path, 'is a folder');
      if (part === '..') {
        if (at.pop() === undefined) throw this.wrong(path, 'is a link out of the image, which is not followed');
        continue;
      }
      const here = [...at, part].join('/');
      const found = await this.lookUp(here);
      if (found === undefined) {
        throw this.wrong(path, links === 0 ? 'is not in it' : `leads to ${quoted(here, 100)}, which is not in it`);
      }
      const { entry, layer } = found;
      if (entry.type === 'directory') at.push(part);
      else if ('target' in entry) {
        if (++links > MAX_LINKS) throw this.wrong(path, 'has links that lead in a circle');
        if (entry.target.length > MAX_PATH) throw this.wrong(path, 'leads to a name that is longer than any');
        // A hard link's target is named from the root on.
        if (entry.type === 'hard link' || entry.target.startsWith('/')) at = [];
        const target = entry.type === 'hard link' ? pathInImage(entry.target) : entry.target;
        rest = [...partsOf(target), ...rest];
      } else if (rest.length > 0) throw this.wrong(path, `leads through ${quoted(here, 100)}, which is not a folder`);
      else if (entry.type === 'file') return { layer, position: entry.position };
      else throw this.wrong(path, 'is not a file');
    }
  }

  /** What the topmost layer that says something of a path has there. */
  private async lookUp(path: string): Promise<{ readonly entry: Entry; readonly layer: number } | undefined> {
    const folders = foldersAbove(path);
    for (let layer = 0; layer < this.count; layer++) {
      const content = (this.contents[layer] ??= await this.contentOf(layer));
      const entry = content.entries.get(path);
      if (entry !== undefined) return { entry, layer };
      const isRemoved =
        content.removed.has(path) || folders.some((each) => content.opaque.has(each) || content.removed.has(each));
      if (isRemoved) return undefined;
    }
    return undefined;
  }

  private wrong(path: string, what: string): TestbedError {
    return new TestbedError('environment', `${this.name}: ${quoted(path, 100)} ${what}`);
  }
}

/** `..` stays: after a link it is the folder above where the link leads. */
function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/** From the root, which is ''. */
function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return ['', ...parts.map((_, i) => parts.slice(0, i + 1).join('/'))];
}
