/** Markup that is safe to put on a page. Only {@link html} makes it, and {@link raw} for text of our own. */
export class Markup {
  constructor(readonly text: string) {}
}

type Content = Markup | number | string | undefined | false | readonly Content[];

/** Markup from a template: what is filled in is text and stays text, unless it is markup already. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(parts.map((part, i) => (i === 0 ? part : `${text(contents[i - 1])}${part}`)).join(''));
}

/** Text that is markup as it stands: styles and scripts of ours. */
export function raw(text: string): Markup {
  return new Markup(text);
}

function text(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'object') return content.map(text).join('');
  return String(content).replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A value as JSON that may stand in a script element, whatever names it holds: `</script>` in it ends nothing. */
export function jsonForScript(value: unknown): Markup {
  return raw(
    JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029'),
  );
}
