import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ReplayEvent } from '../correlate/index.js'
import { correlateAll } from '../correlate/index.js'
import { loadRules, type Rule, type RuleEvent } from '../sigma/index.js'
import { startDocuments } from './testing/documents-table.js'

/** Cases with known answers, asked of ClickHouse instead of the engine; kept outside the project. */
interface Case {
  name: string
  rule_yaml: string
  placeholders?: Record<string, string[]>
  events: { id: string; time?: string; event: RuleEvent }[]
}

const folder = join(process.env.CUSTODIA_GIVEN ?? '', 'kit', 'public')
const cases = <T>(file: string) => JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8')) as (Case & T)[]
const lines = (file: string) =>
  readFileSync(join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ReplayEvent)

describe('given cases as SQL', () => {
  let documents: Awaited<ReturnType<typeof startDocuments>>
  beforeAll(async () => {
    documents = await startDocuments()
  })
  afterAll(() => documents.stop())

  /** every firing of the rules of a kind; a case that is not SQL fails: all of these are */
  const firingsOf = async ({ rule_yaml, placeholders = {}, events }: Case, kind: Rule['kind']) => {
    const { rules, problems } = loadRules([{ file: 'rule.yml', yaml: rule_yaml }], { placeholders })
    expect(problems).toEqual([])
    const timed = events.map(({ id, time, event }, i) => ({ id, time: time ?? new Date(i).toISOString(), event }))
    const batch = await documents.insert(timed)
    const roots = rules.filter((rule) => rule.alerts && rule.kind === kind)
    const found = await Promise.all(roots.map((rule) => documents.firings(rule, rules, batch)))
    return { rules, timed, firings: found.flatMap((firings) => (typeof firings === 'string' ? [] : firings)), found }
  }
  const sorted = (list: object[]): string[] => list.map((one) => JSON.stringify(one)).sort()

  const correlated = async (given: Case): Promise<string[]> => {
    const { rules, timed, firings, found } = await firingsOf(given, 'correlation')
    expect(found.filter((one) => typeof one === 'string')).toEqual([])
    const engine = correlateAll(rules, timed).map(({ event_id, group, value }) => ({ event_id, group: Object.values(group), value })) // prettier-ignore
    expect(sorted(firings)).toEqual(sorted(engine))
    return firings.map(({ event_id }) => event_id)
  }

  it.each(cases<{ expected_ids: string[] }>('detection'))('detects: $name', async (given) => {
    const { firings, found } = await firingsOf(given, 'detection')
    expect(found.filter((one) => typeof one === 'string')).toEqual([])
    expect(new Set(firings.map(({ event_id }) => event_id))).toEqual(new Set(given.expected_ids))
  })

  it.each(cases<{ check: string; expected: { fires: boolean; firings: { event_id: string }[] } }>('correlation'))(
    'correlates: $name',
    async ({ check, expected, ...given }) => {
      const ids = await correlated(given)
      expect(ids.length > 0).toBe(expected.fires)
      if (check === 'firings') expect(new Set(ids)).toEqual(new Set(expected.firings.map(({ event_id }) => event_id)))
    },
  )

  it.each(cases<{ file: string; expected: { firing_event_ids: string[] } }>('streams'))(
    'streams: $name',
    async (given) => {
      const ids = await correlated({ ...given, events: lines(given.file) as Case['events'] })
      expect(new Set(ids)).toEqual(new Set(given.expected.firing_event_ids))
    },
  )
})
