/**
 * `npm run messages`: prints what the code may say to somebody, one literal a line with the place it is at, to be read in
 * one go.
 */
import { messagesIn, sourcesIn } from './texts';

const lines = sourcesIn('lib', 'src', 'stacks')
  .filter(({ fileName }) => !fileName.includes('/html/style/'))
  .flatMap((source) => messagesIn(source).map(({ at, text }) => `${at}: ${text.replaceAll('\n', '\\n')}\n`));
process.stdout.write(lines.join(''));
