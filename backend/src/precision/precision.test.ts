import { describe, expect, it } from '@jest/globals'
import { compileRules, readRuleFiles } from '@custodia/streams/detection'
import { shippedRules } from '../testing/rules.js'
import { kinds } from './insiders.js'
import { play } from './play.js'
import { quietOf, scoreOf } from './score.js'
import { seeds } from './seeds.js'

/** The end of September and the first day of National Day's week; `npm run bench:precision` plays the whole month. */
const days = { from: 14, days: 4 }

describe('the shipped rules over days of 200 people', () => {
  it('find an insider of each kind, alert at most five times a day for nothing, and freeze nobody who is honest', async () => {
    const { rules, problems } = compileRules(await readRuleFiles([shippedRules]))
    expect(problems).toEqual([])
    const played = play({ ...days, seed: seeds.judging[0], insiders: 1, rules })
    const { outcomes, wrong } = scoreOf(played)
    const perDay = Object.values(Object.groupBy(wrong, ({ time }) => time.slice(0, 10))).map(
      (alerts = []) => alerts.length,
    )
    expect(played.days.reduce((sum, { events }) => sum + events, 0)).toBeGreaterThan(100_000)
    expect(Math.max(0, ...perDay)).toBeLessThanOrEqual(5)
    expect(wrong.filter(({ respond }) => respond.some((response) => response.do === 'freeze'))).toEqual([])
    const missed = outcomes.filter(({ rules: spoke }) => !spoke.length).map(({ insider }) => insider.kind)
    expect(missed).toEqual([])
    expect(outcomes.map(({ insider }) => insider.kind)).toEqual(kinds)
    const thief = outcomes.find(({ insider }) => insider.kind === 'bulk minute')
    expect(thief?.beforeResponse).toBeLessThanOrEqual(50)
    expect(quietOf(played).freezes).toBeGreaterThan(0)
  }, 300_000)
})
