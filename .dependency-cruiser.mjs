/** The arrows of import run one way, and in no circle (CONTRIBUTING.md, "Where things are"). */
const only = (name, comment, from, notTo) => ({
  ...{ name, comment, severity: 'error' },
  from: { path: from },
  to: { path: notTo },
});

export default {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'a circle of imports, of types too: move what both need into a file of its own',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    only(
      'lib-describes',
      'lib knows neither src nor stacks, nor anything of the machine',
      '^lib/',
      '^(src|stacks|test|bench|examples)/',
    ),
    {
      name: 'lib-is-pure',
      severity: 'error',
      comment: 'lib reads no file, environment, clock or randomness',
      from: { path: '^lib/' },
      to: { dependencyTypes: ['core'] },
    },
    only('src-runs', 'src knows lib alone', '^src/', '^(stacks|test|bench|examples)/'),
    only(
      'nothing-needs-tests',
      'what is packed knows neither tests nor benchmarks',
      '^(lib|src|stacks|examples)/',
      '^(test|bench)/',
    ),
    only('cli-is-the-top', 'only the CLI prints: nothing else may use it', '^src/(?!cli/)', '^src/cli/'),
    only(
      'kinds-are-not-named',
      'what works on any kind names none',
      '^src/(watch|measure|report|kubernetes|apply)/',
      '^src/kinds/',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    includeOnly: '^(lib|src|stacks|examples|test|bench)/',
  },
};
