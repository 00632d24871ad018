import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { referencePages } from '../../docs/generate/pages';
import { EXPLAINED_ERRORS } from '../../src/explain/errors';
import { METRIC_TEXTS } from '../../src/report/metric-texts';
import { root } from '../support/cli';
import { readDocument } from '../support/documents';
import { sampleClusterReport } from '../support/sample-clusters';
import { sampleReport } from '../support/sample-report';
import { messagesIn, sourcesIn } from '../support/texts';

describe('the reference', () => {
  it('is what the code says: npm run docs writes it anew', async () => {
    for (const { file, text } of await referencePages(root)) assert.equal(readDocument(file), text, file);
  });
});

describe('troubleshooting', () => {
  const messages = sourcesIn('lib', 'src', 'stacks')
    .filter(({ fileName }) => !fileName.includes('/explain/'))
    .flatMap(messagesIn)
    .map(({ text }) => text.replaceAll("\\'", "'"));

  it('has every code that an error of ours may have, each with messages that the code says', () => {
    const codes = sourcesIn('lib', 'src', 'stacks').flatMap(({ text }) =>
      [...text.matchAll(/TestbedError\(\s*'([a-z-]+)'/g)].map(([, code = '']) => code),
    );
    assert.deepEqual([...new Set([...codes, 'invalid-input'])].sort(), Object.keys(EXPLAINED_ERRORS).sort());
    const page = readDocument('docs/troubleshooting.md');
    for (const [code, { errors }] of Object.entries(EXPLAINED_ERRORS)) {
      assert.ok(page.includes(`\n## ${code}\n`), code);
      assert.ok(errors.length >= 3, code);
      for (const { message } of errors)
        assert.ok(
          messages.some((text) => text.includes(message)),
          `nothing says: ${message}`,
        );
    }
  });
});

describe('what is said of metrics', () => {
  it('is said of every metric that the code may measure', () => {
    const literals = sourcesIn('src/measure').flatMap(({ text }) =>
      [...text.matchAll(/\b(?:metric|add|quantileMetrics)\(\s*(?:\.\.\.\(\[)?'([a-z_]+)'/g)].map(
        ([, name = '']) => name,
      ),
    );
    const measured = [...sampleReport().metrics, ...sampleClusterReport(10).metrics].map(({ name }) => name);
    const names = new Set([...literals, ...measured]);
    assert.ok(names.size > 40, `${names.size} metrics`);
    assert.deepEqual(
      [...names].filter((name) => METRIC_TEXTS[name] === undefined),
      [],
    );
  });

  it('is said in titles that differ', () => {
    const titles = Object.values(METRIC_TEXTS).map(({ title }) => title);
    assert.deepEqual(
      titles.filter((title, i) => titles.indexOf(title) < i),
      [],
    );
  });
});
