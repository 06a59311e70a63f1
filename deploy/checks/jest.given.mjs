import { base } from './jest.base.mjs'

/** `npm run test:given`: cases and data that are kept outside the project, at CUSTODIA_GIVEN. */
if (!process.env.CUSTODIA_GIVEN) throw new Error('Set CUSTODIA_GIVEN to the folder that holds kit/ and data/.')
export default {
  ...base,
  roots: ['<rootDir>/streams', '<rootDir>/backend'],
  testMatch: ['**/*.given.test.ts'],
  testTimeout: 300_000,
}
