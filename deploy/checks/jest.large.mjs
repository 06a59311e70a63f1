import { base } from './jest.base.mjs'

/** `npm run test:large`: what takes minutes because there is much of it. Prints how long each took. */
export default { ...base, roots: ['<rootDir>/backend'], testMatch: ['**/*.large.test.ts'], testTimeout: 1_800_000 }
