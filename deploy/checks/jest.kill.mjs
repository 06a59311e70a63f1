import { base } from './jest.base.mjs'

const kills = Number(process.env.CUSTODIA_KILLS ?? 30)
const seed = Number(process.env.CUSTODIA_SEED ?? Math.floor(Math.random() * 1_000_000))
console.log(`${kills} kills of each process; repeat this run with CUSTODIA_SEED=${seed}`)

/** `npm run test:kill`: processes that are killed at random moments, on both logs. CUSTODIA_KILLS=5 for a short run. */
export default {
  ...base,
  globalSetup: '<rootDir>/deploy/servers/fetch.mjs',
  roots: ['<rootDir>/deploy'],
  testMatch: ['**/*.kill.test.ts'],
  testTimeout: 3_600_000,
  globals: { killTest: { kills, seed } },
}
