/**
 * Kubernetes objects as YAML, for streams: plain data in block style, about fifty times as fast as a general YAML
 * library, which a million hosts need. What is read is read by libraries.
 *
 * Text stands plain only where every YAML version reads it as text; everything else is quoted the way JSON does it,
 * which YAML reads the same.
 */

/** Words that some YAML version, or some reader of it, takes for something other than text; `e1` for a number. */
const RESERVED = /^(y|n|yes|no|on|off|true|false|null|e[-_0-9]+)$/i;
const PLAIN = /^[A-Za-z][A-Za-z0-9_./-]*$/;
/** What JSON leaves as it is and YAML does not allow, or reads as a line break. */

const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** One document, beginning with `---` and ending with a line break. Properties that are undefined are left out. */
export function yamlDocument(value: object): string {
  return `---\n${block(value, '')}`;
}

/** Text as YAML, plain or quoted. */
export function yamlText(text: string): string {
  if (PLAIN.test(text) && !RESERVED.test(text)) return text;
  return JSON.stringify(text).replace(UNPRINTABLE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function block(value: object, indent: string): string {
  let out = '';
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) {
      const text = nested(item, `${indent}  `);
      // The first line of a nested block moves up behind its dash.
      out += `${indent}-${text.startsWith('\n') ? ` ${text.slice(indent.length + 3)}` : text}`;
    }
    return out;
  }
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) out += `${indent}${yamlText(key)}:${nested(item, `${indent}  `)}`;
  }
  return out;
}

/** What follows a key or dash: ` value` or a block on the next lines, with its line break. */
function nested(value: unknown, indent: string): string {
  if (typeof value === 'string') return ` ${yamlText(value)}\n`;
  if (typeof value === 'object' && value !== null) {
    const text = block(value, indent);
    return text === '' ? (Array.isArray(value) ? ' []\n' : ' {}\n') : `\n${text}`;
  }
  return ` ${JSON.stringify(value ?? null)}\n`;
}
