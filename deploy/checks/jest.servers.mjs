import { base } from './jest.base.mjs'

/**
 * `npm run test:servers`: the same contracts on real servers, which the tests start themselves. A missing one is red. Each file
 * has servers of its own, so two go on beside each other.
 */
export default {
  ...base,
  maxWorkers: 2,
  globalSetup: '<rootDir>/deploy/servers/fetch.mjs',
  roots: ['<rootDir>/streams', '<rootDir>/backend', '<rootDir>/deploy'],
  testMatch: ['**/*.servers.test.ts'],
  testTimeout: 120_000,
}
