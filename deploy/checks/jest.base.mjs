/** What every test run shares: TypeScript through swc, ESM, sources resolved from their `.js` names. */
export const base = {
  rootDir: '../..',
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  testTimeout: 60_000,
  resolver: '<rootDir>/deploy/checks/jest.resolver.mjs',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
}
