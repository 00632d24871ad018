/** A command that was typed, and what it printed when. */
export interface TypedCommand {
  readonly text: string;
  readonly lines: readonly { readonly at: number; readonly text: string }[];
  readonly seconds: number;
}

const COLUMNS = 100;
const ROWS = 24;
const LINE = 19;
const MARGIN = 18;
const WIDTH = COLUMNS * 8 + 2 * MARGIN;
const HEIGHT = ROWS * LINE + 2 * MARGIN + 26;
/** How fast a reader sees it: waits of more than a second are as long as a second. */
const LONGEST_WAIT = 1;
/** How long the last screen stays. */
const REST = 5;

const COLORS = {
  light: { page: '#ffffff', edge: '#d6dbe2', text: '#151a21', muted: '#5a6472', prompt: '#1f5fbf' },
  dark: { page: '#171b22', edge: '#2a313b', text: '#e9edf3', muted: '#9aa5b4', prompt: '#8ab8ff' },
} as const;

/**
 * A recording as an SVG that moves without a script: lines appear when they came, and the screen scrolls. Whoever wants less motion
 * sees the last screen.
 */
export function terminalSvg(commands: readonly TypedCommand[], theme: keyof typeof COLORS): string {
  const { page, edge, text: color, muted, prompt } = COLORS[theme];
  const lines = timed(commands);
  const total = (lines.at(-1)?.at ?? 0) + REST;
  const percent = (at: number) => `${((at / total) * 100).toFixed(2)}%`;
  const scrolls = lines.flatMap(({ at }, i) =>
    i < ROWS ? [] : [`${percent(at)} { transform: translateY(${-(i - ROWS + 1) * LINE}px); }`],
  );
  const last = -Math.max(0, lines.length - ROWS) * LINE;
  const rows = lines.map(({ text, isTyped }, i) => {
    const shown = isTyped
      ? `<tspan fill="${prompt}">$ </tspan><tspan font-weight="600">${escaped(text)}</tspan>`
      : escaped(text);
    return `<text class="l l${i}" x="0" y="${(i + 1) * LINE - 5}"${isTyped ? '' : ` fill="${muted}"`}>${shown}</text>`;
  });
  const appear = lines.map(
    ({ at }, i) =>
      `@keyframes a${i} { 0%, ${percent(at)} { opacity: 0; } ${percent(at + 0.01)}, 100% { opacity: 1; } } .l${i} { animation-name: a${i}; }`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Recording of a terminal">
<title>${commands.map((each) => escaped(each.text)).join(', then ')}</title>
<style>
text { font: 13px/1 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; white-space: pre; fill: ${color}; }
text[fill] { fill: ${color}; opacity: 1; }
#screen { transform: translateY(${last}px); }
@media (prefers-reduced-motion: no-preference) {
.l { animation: ${total.toFixed(2)}s linear infinite; }
#screen { animation: scroll ${total.toFixed(2)}s step-end infinite; }
@keyframes scroll { 0% { transform: translateY(0); } ${scrolls.join(' ')} }
${appear.join('\n')}
}
</style>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="10" fill="${page}" stroke="${edge}"/>
<circle cx="20" cy="18" r="5" fill="${edge}"/><circle cx="38" cy="18" r="5" fill="${edge}"/><circle cx="56" cy="18" r="5" fill="${edge}"/>
<svg x="${MARGIN}" y="${MARGIN + 20}" width="${WIDTH - 2 * MARGIN}" height="${ROWS * LINE}"><g id="screen">
${rows.join('\n')}
</g></svg>
</svg>
`;
}

/** All lines of all commands with when they are seen, long waits made short. */
function timed(
  commands: readonly TypedCommand[],
): readonly { readonly at: number; readonly text: string; readonly isTyped: boolean }[] {
  let now = 0.3;
  return commands.flatMap(({ text, lines }) => {
    const typed = { at: now, text, isTyped: true };
    let before = 0;
    const printed = lines.flatMap((line) => {
      now += Math.min(LONGEST_WAIT, Math.max(0.02, line.at - before));
      before = line.at;
      return wrapped(line.text).map((part) => ({ at: now, text: part, isTyped: false }));
    });
    now += 1.5;
    return [typed, ...printed, { at: now, text: '', isTyped: false }];
  });
}

function wrapped(text: string): readonly string[] {
  return text.length <= COLUMNS ? [text] : [text.slice(0, COLUMNS), ...wrapped(`    ${text.slice(COLUMNS)}`)];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
