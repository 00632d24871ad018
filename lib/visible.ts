/** What a terminal would obey, or would not show: control characters, marks that turn the direction, halves of a pair. */
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
const INVISIBLE_IN_LINES = /(?![\n\t])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The most of somebody else's text that one error repeats, in bytes. */
export const MAX_QUOTED_BYTES = 1024;

/** A text in which everything can be seen: a control character is written as JSON would write it (`\u001b`). */
export function visible(text: string): string {
  return text.replace(INVISIBLE, escaped);
}

/** As {@link visible}, for text of several lines: its line breaks and tabs stay. */
export function visibleLines(text: string): string {
  return text.replace(INVISIBLE_IN_LINES, escaped);
}

/**
 * Somebody else's text as an error repeats it: visible, and cut where it is long.
 *
 * @param maxBytes of the result, in UTF-8
 */
export function quoted(text: string, maxBytes = MAX_QUOTED_BYTES): string {
  // What comes later cannot be shown, whatever it is.
  const shown = visible(text.slice(0, maxBytes));
  if (text.length <= maxBytes && Buffer.byteLength(shown) <= maxBytes) return shown;
  const room = maxBytes - Buffer.byteLength('…');
  let size = 0;
  let end = 0;
  for (const character of shown) {
    size += Buffer.byteLength(character);
    if (size > room) break;
    end += character.length;
  }
  return `${shown.slice(0, end)}…`;
}

function escaped(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
