import { charts } from './charts';
import { colors } from './colors';
import { layout } from './layout';
import { media } from './media';
import { tables } from './tables';
import { waterfalls } from './waterfalls';

/** The style of the page. What is otherwise on a phone or on paper comes last, since it has the last word. */
export const style = [colors, layout, charts, tables, waterfalls, media].join('\n');
