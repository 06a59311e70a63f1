import { base } from './jest.base.mjs'

/** `npm test`: everything that needs no browser and no server of its own. */
export default {
  ...base,
  roots: ['<rootDir>/streams', '<rootDir>/backend', '<rootDir>/dashboard/src', '<rootDir>/deploy'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '\\.(given|servers|kill|faults|large)\\.test\\.ts$'],
}
