import { base } from './jest.base.mjs'

/** `npm run e2e`: stories in Chromium against the whole system. */
export default { ...base, roots: ['<rootDir>/dashboard/e2e'], testMatch: ['**/*.test.ts'], testTimeout: 300_000 }
