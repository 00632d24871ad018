/** Texts of YAML and JSON as nobody writes them, and as some programs do: for comparing readers. */
import fc from 'fast-check';

const digits = (alphabet: string, maxLength = 22): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength });

const sign = fc.constantFrom('', '', '', '-', '+');
const decimals = digits('0123456789');
const integer = fc.oneof(
  fc.tuple(fc.constantFrom('0x', '0X'), digits('0123456789abcdefABCDEF_', 18)),
  fc.tuple(fc.constantFrom('0b', '0B', '0b-', '0b+'), digits('01_', 66)),
  fc.tuple(fc.constantFrom('0o', '0O', '0', '00'), digits('01234567_', 24)),
  fc.tuple(fc.constantFrom(''), digits('0123456789_', 24)),
  fc.tuple(fc.constantFrom('0'), digits('0123456789')),
);
const float = fc
  .tuple(
    fc.oneof(decimals, fc.constant('')),
    fc.constantFrom('.', '', '_.'),
    fc.oneof(digits('0123456789_'), fc.constant('')),
    fc.oneof(
      fc.constant(''),
      fc.tuple(fc.constantFrom('e', 'E'), sign, digits('0123456789_', 4)).map((parts) => parts.join('')),
    ),
  )
  .map((parts) => parts.join(''));
const nearPowers = fc
  .tuple(fc.constantFrom(31n, 32n, 52n, 53n, 54n, 62n, 63n, 64n, 65n), fc.bigInt({ min: -3n, max: 3n }))
  .map(([power, offset]) => String(2n ** power + offset));
const two = fc.integer({ min: 0, max: 99 }).chain((n) => fc.constantFrom(String(n), String(n).padStart(2, '0')));
const date = fc
  .tuple(
    ...([
      fc.constantFrom('2001', '1999', '2024', '0000', '20011'),
      two,
      two,
      fc.constantFrom('', 'T', 't', ' '),
      two,
      two,
      two,
    ] as const),
    fc.constantFrom('', '.5', '.123456789012', ',1', '.'),
    fc.constantFrom('', 'Z', '+01:00', '-5', ' Z', '+24:60'),
  )
  .map(([y, m, d, t, h, i, s, f, z]) => `${y}-${m}-${d}${t === '' ? '' : `${t}${h}:${i}:${s}${f}${z}`}`);
const word = fc
  .tuple(
    fc.constantFrom(
      'y',
      'n',
      'yes',
      'no',
      'on',
      'off',
      'true',
      'false',
      'null',
      '~',
      '.5e',
      '.e1',
      'e1',
      '+e3',
      '1234E5678',
      '<<',
      '=',
    ),
    fc.constantFrom(
      (s: string) => s,
      (s: string) => s.toUpperCase(),
      (s: string) => s.replace(/^./, (c) => c.toUpperCase()),
      (s: string) => s.replace(/.$/, (c) => c.toUpperCase()),
    ),
  )
  .map(([text, change]) => change(text));
const soup = digits('0123456789abcdefxXoOE+-._:yYnN~', 8);

/** A scalar that may stand plain, alone on its line. */
export const plainScalar = fc
  .oneof(
    fc.tuple(sign, integer).map(([s, parts]) => s + parts.join('')),
    fc.tuple(sign, float).map((parts) => parts.join('')),
    fc.tuple(sign, nearPowers).map((parts) => parts.join('')),
    ...[date, word, soup],
    fc.tuple(two, two, two).map((parts) => parts.join(':')),
  )
  .filter(
    (text) =>
      /^[^\s]/.test(text) && !/[: ]$|: | #|^[-?:](\s|$)|^(---|\.\.\.)/.test(text) && !/^[-+]?\.(inf|nan)$/i.test(text),
  );

const indicators = [
  ...[
    ':',
    ': ',
    ' ',
    '\n',
    '\n\n',
    '- ',
    '-',
    '?',
    '? ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '#',
    ' #',
    '&a ',
    '*a',
    '!',
    '!!str ',
    '!!int ',
  ],
  ...[
    '|',
    '>',
    '|-',
    '>+2',
    "'",
    '"',
    '\\',
    '%',
    '@',
    '`',
    '\t',
    '\r',
    '\r\n',
    '\n...\n',
    '\n---\n',
    '<<: ',
    '~',
    '0x1F',
    'yes',
  ],
  ...[
    '.inf',
    '1e3',
    '\u0085',
    '\u2028',
    '\ufeff',
    'é',
    '😀',
    '\x07',
    '  ',
    '    ',
    '\\u00e9',
    '\\ud800',
    'null',
    "''",
    '!<tag:yaml.org,2002:int> 3',
  ],
] as const;

const tag = fc.constantFrom(
  ...[
    '!!str',
    '!!int',
    '!!float',
    '!!bool',
    '!!null',
    '!!binary',
    '!!timestamp',
    '!!map',
    '!!seq',
    '!!set',
    '!local',
    '!',
    '!x!y',
  ],
  ...['!<tag:yaml.org,2002:str>', '!<tag:yaml.org,2002:float>', '!!me%72ge'],
);
const quotedText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'a',
        'b c',
        '  ',
        '\n',
        '\n\n',
        '\n  ',
        ' \n',
        ': ',
        ' # ',
        "''",
        '- ',
        '{',
        '\t',
        '\u2028',
        '\u0085',
        'é',
        '😀',
      ),
      fc.constantFrom('---', '...', '%'),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const escape = fc.constantFrom(
  ...[
    '\\n',
    '\\"',
    '\\\\',
    '\\x41',
    '\\u00e9',
    '\\U0001F600',
    '\\\n',
    '\\\n  ',
    '\\ ',
    '\\_',
    '\\L',
    '\\N',
    '\\e',
    '\\0',
    '\\/',
  ],
  ...['\\ud83d', '\\q', '\\xZ', '\\\t'],
);
const doubleQuoted = fc
  .array(fc.oneof({ weight: 3, arbitrary: quotedText }, { weight: 1, arbitrary: escape }), { maxLength: 4 })
  .map((parts) => `"${parts.join('')}"`);
const singleQuoted = quotedText.map((text) => `'${text}'`);

/** A block scalar below a key that is indented so deep. */
const blockScalar = (indent: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom('|', '>'),
      fc.constantFrom('', '', '-', '+', '1', '2', '-2', '2+', ' # comment'),
      fc.array(
        fc.tuple(
          fc.integer({ min: 0, max: 3 }),
          fc.constantFrom('text', '', '', 'a: b', '# no', '\ttab', ' more', '- x'),
        ),
        { maxLength: 5 },
      ),
    )
    .map(([mark, header, lines]) =>
      [
        mark + header,
        ...lines.map(([more, text]) => (text === '' ? '' : ' '.repeat(indent + (more === 0 ? 2 : 1 + more)) + text)),
      ].join('\n'),
    );

const plainText = fc.oneof(
  { weight: 4, arbitrary: plainScalar },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'one\n  two',
      'one\n\n   two',
      'one two',
      'a:b',
      'a#b',
      'x\ty',
      '',
      '.nan',
      '-.INF',
      'a\n # no\n b',
    ),
  },
);

const flowScalar = fc.oneof(
  { weight: 4, arbitrary: plainText.filter((text) => !/[,[\]{}?]/.test(text)) },
  { weight: 1, arbitrary: doubleQuoted },
  { weight: 1, arbitrary: singleQuoted },
  { weight: 1, arbitrary: fc.constantFrom('*a', '*b', '&a x', '&b {c: d}', '? a', 'a: b', '"k":v', 'k:v') },
);

const flow: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    flowScalar,
    fc
      .tuple(
        fc.array(tie('node'), { maxLength: 4 }),
        fc.constantFrom(', ', ',', ',\n', ' , '),
        fc.constantFrom('', ',', '\n'),
      )
      .map(([items, separator, end]) => `[${items.join(separator)}${end}]`),
    fc
      .tuple(
        fc.array(fc.tuple(flowScalar, fc.constantFrom(': ', ' : ', ':', ': \n', ''), tie('node')), { maxLength: 4 }),
        fc.constantFrom('', ',', '\n', ' # c\n'),
      )
      .map(
        ([fields, end]) =>
          `{${fields.map(([key, colon, value]) => (colon === '' ? key : key + colon + value)).join(', ')}${end}}`,
      ),
  ),
})).node;

/** Lines of a block collection that is indented so deep, without the line break at the end. */
function block(indent: number, depth: number): fc.Arbitrary<string> {
  const pad = ' '.repeat(indent);
  const properties = fc.oneof(
    { weight: 6, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: tag.map((each) => `${each} `) },
    { weight: 1, arbitrary: fc.constantFrom('&a ', '&b ', '&a !!str ', '!!map &b ') },
  );
  const inline = fc.oneof(
    { weight: 4, arbitrary: plainText },
    { weight: 1, arbitrary: fc.oneof(doubleQuoted, singleQuoted, blockScalar(indent), flow) },
    { weight: 1, arbitrary: fc.constantFrom('*a', '*b') },
  );
  const nested =
    depth === 0
      ? inline.map((text) => ` ${text}`)
      : fc.oneof(
          inline.map((text) => ` ${text}`),
          block(indent + 2, depth - 1).map((text) => `\n${text}`),
          block(indent, depth - 1).map((text) => `\n${text}`),
        );
  const key = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('a', 'b', 'c', 'd') },
    { weight: 2, arbitrary: plainScalar },
    { weight: 1, arbitrary: fc.constantFrom('<<', '"<<"', "'q'", '"d q"', '? a\n', '!!str k', '&a k', '*a ') },
  );
  const comment = fc.constantFrom('', '', '', '', ' # comment', '\n', '\n# comment');
  const fields = fc
    .array(fc.tuple(key, properties, nested, comment), { minLength: 1, maxLength: 4 })
    .map((each) =>
      each
        .map(
          ([name, before, value, after]) =>
            `${pad}${name}: ${before}${value.trimStart() === value ? value : value.slice(before === '' || value.startsWith('\n') ? 0 : 1)}${after}`,
        )
        .join('\n'),
    );
  const items = fc
    .array(fc.tuple(properties, nested, comment), { minLength: 1, maxLength: 4 })
    .map((each) =>
      each.map(([before, value, after]) => `${pad}- ${before}${value.replace(/^ /, '')}${after}`).join('\n'),
    );
  return fc.oneof({ weight: 2, arbitrary: fields }, { weight: 1, arbitrary: items });
}

/** Something put into, or taken from, a text. */
const change = fc.tuple(fc.nat(), fc.constantFrom(...indicators), fc.constantFrom(0, 0, 0, 1, 2));

function changed(text: string, changes: readonly (readonly [number, string, number])[]): string {
  let result = text;
  for (const [at, insertion, removed] of changes) {
    const position = at % (result.length + 1);
    result = result.slice(0, position) + (removed > 1 ? '' : insertion) + result.slice(position + removed);
  }
  return result;
}

/** What may stand below a key at the left margin: valid mostly, and then with something changed in half of the cases. */
export const yamlFragment = fc
  .tuple(
    fc.integer({ min: 0, max: 3 }).chain((depth) =>
      fc.oneof(
        block(2, depth),
        block(1, depth),
        flow.map((text) => `  ${text}`),
      ),
    ),
    fc.oneof(fc.constant([]), fc.array(change, { maxLength: 2 })),
    fc.constantFrom('\n', '\n', '\n', '\r\n', ''),
  )
  .map(([text, changes, lineEnd]) => {
    const whole = changed(text, changes);
    return lineEnd === '\r\n' ? whole.replaceAll('\n', lineEnd) + lineEnd : whole + lineEnd;
  });

/** What stands before a document. */
export const documentStart = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        '---\n',
        '--- # mark\n',
        '---\n---\n',
        '# comment\n---\n',
        '\ufeff',
        '\ufeff---\n',
        '%YAML 1.1\n',
        '%YAML 1.1\n---\n',
        '%TAG ! !x\n---\n',
      ],
      ...['--- text\n', '----\n', '...\n', '\n\n', '---\n%YAML 1.1\n', '\t\n', '--- \t\n', '---\r\n'],
    ),
  },
);

const jsonText = fc
  .array(
    fc.constantFrom(
      'a',
      ' ',
      '\\n',
      '\\"',
      '\\/',
      '\\u0041',
      '\\ud83d\\ude00',
      '\u2028',
      'é',
      '😀',
      '{',
      "'",
      '#',
      '\\u0000',
      '\x7f',
    ),
    { maxLength: 4 },
  )
  .map((parts) => `"${parts.join('')}"`);
const jsonNumber = fc.oneof(
  fc.tuple(fc.constantFrom('', '-'), nearPowers).map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom('', '-'), fc.bigInt({ min: 0n, max: 10n ** 24n })).map(([s, n]) => `${s}${n}`),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('-0', '0.0', '1e3', '1E+2', '1.5e-7', '1e400', '1e21', '01', '+1', '.5', '1.', '0x1'),
);

/** A value of JSON, with now and then something in it that JSON has not. */
export const jsonFragment = fc
  .tuple(
    fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        ...[jsonNumber, jsonText, fc.constantFrom('true', 'false', 'null', '{}', '[]')],
        fc.array(tie('node'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
        fc
          .array(fc.tuple(jsonText, tie('node')), { maxLength: 4 })
          .map((fields) => `{${fields.map((field) => field.join(': ')).join(',\n')}}`),
      ),
    })).node,
    fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(change, { minLength: 1, maxLength: 1 }) },
    ),
  )
  .map(([text, changes]) => changed(text, changes));
