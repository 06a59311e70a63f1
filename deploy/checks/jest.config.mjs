import { availableParallelism } from 'node:os'
import { base } from './jest.base.mjs'

/** `npm test`: everything that needs no browser and no server of its own. */
export default {
  ...base,
  // one core stays free where there are many; with two, three suites fill each other's pauses: they wait for disks and clocks
  maxWorkers: Math.max(3, availableParallelism() - 1),
  roots: ['<rootDir>/streams', '<rootDir>/backend', '<rootDir>/dashboard/src', '<rootDir>/deploy'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '\\.(given|servers|kill|faults|large)\\.test\\.ts$'],
}
