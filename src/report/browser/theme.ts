const KEY = 'metal3-testbed-theme';
const root = document.documentElement;
const prefersDark = matchMedia('(prefers-color-scheme: dark)');

/** What a CSS variable of the page says now: a colour, for a canvas. */
export function cssColor(variable: string): string {
  return getComputedStyle(root).getPropertyValue(variable).trim();
}

/**
 * Lets the reader change between light and dark, and remembers it; at first the page is as the system is.
 *
 * @param changed called when colours are other ones
 */
export function setUpTheme(button: HTMLButtonElement, changed: () => void): void {
  const isDark = () => (root.dataset['theme'] ?? (prefersDark.matches ? 'dark' : 'light')) === 'dark';
  const update = () => {
    button.textContent = isDark() ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Use ${isDark() ? 'light' : 'dark'} colours`);
    changed();
  };
  const remembered = remember();
  if (remembered !== null) root.dataset['theme'] = remembered;
  button.addEventListener('click', () => {
    root.dataset['theme'] = isDark() ? 'light' : 'dark';
    remember(root.dataset['theme']);
    update();
  });
  prefersDark.addEventListener('change', update);
  update();
}

/** Paper is white: the page is light while it is printed. @param print called with whether it is being printed */
export function setUpPrinting(print: (isPrinting: boolean) => void): void {
  let before: string | undefined;
  addEventListener('beforeprint', () => {
    before = root.dataset['theme'];
    root.dataset['theme'] = 'light';
    print(true);
  });
  addEventListener('afterprint', () => {
    if (before === undefined) delete root.dataset['theme'];
    else root.dataset['theme'] = before;
    print(false);
  });
}

/** What was chosen, or stores it. Some browsers keep nothing for files. */
function remember(theme?: string): string | null {
  try {
    if (theme !== undefined) localStorage.setItem(KEY, theme);
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
