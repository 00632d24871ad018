import { onContentUpdated, useData } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import { watch } from 'vue';
import './contrast.css';

/** A picture is in the theme that its reader has chosen, which need not be that of the system. */
function followTheme(isDark: boolean): void {
  for (const source of document.querySelectorAll<HTMLSourceElement>('picture source')) {
    const { srcset } = source;
    if (/-dark\b/.test(srcset)) source.media = isDark ? 'all' : 'not all';
  }
}

export default {
  extends: DefaultTheme,
  setup() {
    const { isDark } = useData();
    onContentUpdated(() => followTheme(isDark.value));
    watch(isDark, followTheme, { flush: 'post' });
  },
};
