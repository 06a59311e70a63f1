import { base } from './jest.base.mjs'

/** `npm run test:faults`: every sink fails in every way, and docs/reliability.md gets the results. Linux only. */
export default {
  ...base,
  globalSetup: '<rootDir>/deploy/servers/fetch.mjs',
  roots: ['<rootDir>/deploy'],
  testMatch: ['**/*.faults.test.ts'],
  testTimeout: 300_000,
}
