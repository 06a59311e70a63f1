import { base } from './jest.base.mjs'

/** `npm run e2e`: stories in Chromium against the whole system. Each file has a system of its own, so two go on beside each other. */
export default {
  ...base,
  maxWorkers: 2,
  testSequencer: '<rootDir>/deploy/checks/tour-first.mjs',
  roots: ['<rootDir>/dashboard/e2e'],
  testMatch: ['**/*.test.ts'],
  testTimeout: 300_000,
}
