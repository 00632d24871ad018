import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: ['build', 'dist', 'node_modules', '.metal3-testbed', 'templates', 'docs/.vitepress', 'docs/reference/api'],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // node:test returns promises from test() and describe() that the runner itself awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      // The arrows of import run one way (CONTRIBUTING.md, "Where things are").
      'no-restricted-imports': 'off',
    },
  },
  {
    files: ['lib/**/*.ts', 'src/**/*.ts', 'stacks/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...['LogicalExpression > ObjectExpression.right', 'ConditionalExpression > ObjectExpression'].map((object) => ({
          selector: `ObjectExpression > SpreadElement > ${object}[properties.length=1]`,
          message: 'optional props take undefined: write the prop itself, or withoutUndefined for data',
        })),
      ],
    },
  },
  {
    files: ['lib/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/src/**', '**/stacks/**', 'node:*'],
              message:
                'lib describes: it reads no file, environment, clock or randomness, and knows neither src nor stacks.',
            },
          ],
        },
      ],
    },
  },
  { files: ['src/cli/**/*.ts', 'bench/**/*.ts', 'test/**/*.ts'], rules: { 'no-console': 'off' } },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
