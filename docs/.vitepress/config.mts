import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const docs = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { repository, homepage } = JSON.parse(readFileSync(join(docs, '..', 'package.json'), 'utf8')) as {
  repository: { url: string };
  homepage: string;
};
const source = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');

const page = (text: string, link: string) => ({ text, link });

export default defineConfig({
  title: 'metal3-testbed',
  description: 'Metal3 test environments as code: thousands of simulated bare-metal hosts on one machine',
  // Where it is published.
  base: new URL(homepage).pathname,
  lang: 'en',
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  srcExclude: ['**/node_modules/**', 'generate/**'],
  // What is linked to and is no page of the site is in the repository, where a test looks whether it is there.
  ignoreDeadLinks: [(link) => link.startsWith(source)],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config(md) {
      const plain =
        md.renderer.rules['link_open'] ?? ((tokens, i, options, _, self) => self.renderToken(tokens, i, options));
      md.renderer.rules['link_open'] = (tokens, i, options, env: { path?: string }, self) => {
        const href = tokens[i]?.attrGet('href') ?? '';
        if (env.path !== undefined && !/^(\w+:|#|\/)/.test(href)) {
          const [path = '', anchor] = href.split('#');
          const target = relative(docs, resolve(dirname(env.path), path));
          if (target.startsWith('..')) {
            const file = relative(resolve(docs, '..'), resolve(docs, target));
            tokens[i]?.attrSet('href', `${source}/blob/main/${file}${anchor === undefined ? '' : `#${anchor}`}`);
          }
        }
        return plain(tokens, i, options, env, self);
      };
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      page('Tutorial', '/tutorial'),
      page('Reference', '/reference/testbed-yaml'),
      page('Troubleshooting', '/troubleshooting'),
    ],
    socialLinks: [{ icon: 'github', link: source, ariaLabel: 'The repository' }],
    outline: [2, 3],
    sidebar: [
      { text: 'Tutorial', items: [page('From nothing to a report', '/tutorial')] },
      {
        text: 'How to',
        items: [
          page('Describe a testbed', '/how-to/cdk8s'),
          page('Run a scenario', '/how-to/scenarios'),
          page('Inject faults', '/how-to/faults'),
          page('Bring up clusters', '/how-to/clusters'),
          page('Gate a pull request', '/how-to/ci-gate'),
          page('Find the fastest settings', '/how-to/tuning'),
          page('Test a build of your own', '/how-to/own-operator'),
          page('Test another release', '/how-to/other-releases'),
          page('Run several operators', '/how-to/several-operators'),
          page('Run on kind', '/how-to/kind'),
          page('Run in the cluster', '/how-to/in-cluster'),
          page('Run several management clusters', '/how-to/management-clusters'),
          page('Use a cluster that exists', '/how-to/existing-cluster'),
          page('Work without a network', '/how-to/air-gap'),
          page('Apply manifests fast', '/how-to/manifests'),
          page('Use Pulumi', '/how-to/pulumi'),
        ],
      },
      {
        text: 'Reference',
        items: [
          page('testbed.yaml', '/reference/testbed-yaml'),
          page('Steps', '/reference/testbed-yaml/step'),
          page('The command', '/reference/cli'),
          page('report.json', '/reference/report'),
          page('Metrics', '/reference/metrics'),
          page('Constructs', '/reference/constructs'),
          ...(existsSync(join(docs, 'reference', 'api', 'index.md'))
            ? [page('Every class and prop', '/reference/api/')]
            : []),
          page('Pulumi', '/reference/pulumi'),
          page('Programs and variables', '/reference/programs'),
        ],
      },
      {
        text: 'Explanation',
        items: [
          page('How a testbed comes up', '/explanation/how-it-works'),
          page('What is fake and what is not', '/explanation/fake-and-real'),
          page('What simulates the hosts', '/explanation/what-simulates-the-hosts'),
          page('How close to upstream', '/explanation/fidelity'),
          page('How fast', '/explanation/performance'),
          page('Beyond one machine', '/explanation/beyond-one-machine'),
          page('Limits', '/explanation/limits'),
          page('How it compares', '/explanation/comparison'),
          page('What was found', '/findings'),
        ],
      },
      { text: 'Troubleshooting', items: [page('By error message', '/troubleshooting')] },
    ],
  },
});
