import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { answer } from './answer.js'

/** Cases with known answers, each confirmed by two independent evaluators; kept outside the project. */
interface Case {
  name: string
  rule_yaml: string
  events?: { id: string; time: string; event: object }[]
  placeholders?: Record<string, string[]>
}
interface Firings {
  check?: string
  expected: { fires: boolean; firings: { event_id: string }[] }
}

const folder = join(process.env.CUSTODIA_GIVEN ?? '', 'kit', 'public')
const cases = <T>(file: string) => JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8')) as (Case & T)[]
const ask = (request: object) => answer(JSON.stringify(request)) as Record<string, unknown>
const firingIds = (reply: Record<string, unknown>) =>
  new Set((reply.firings as { event_id: string }[]).map(({ event_id }) => event_id))

describe('given cases', () => {
  it.each(cases<{ expected_ids: string[] }>('detection'))('detects: $name', ({ expected_ids, ...request }) => {
    const { matched } = ask({ ...request, op: 'detect' })
    expect(matched).toEqual(request.events!.map(({ id }) => id).filter((id) => expected_ids.includes(id)))
  })

  it.each(cases<Firings>('correlation'))('correlates: $name', ({ expected, check, ...request }) => {
    const ids = firingIds(ask({ ...request, op: 'correlate' }))
    expect(ids.size > 0).toBe(expected.fires)
    if (check === 'firings') expect(ids).toEqual(new Set(expected.firings.map(({ event_id }) => event_id)))
  })

  it.each(cases<object>('reject'))('refuses: $name', ({ rule_yaml }) => {
    expect(ask({ op: 'load', rule_yaml })).toHaveProperty('error')
  })

  it.each(cases<{ file: string; expected: { firing_event_ids: string[] } }>('streams'))('streams: $name', (given) => {
    const lines = readFileSync(join(folder, given.file), 'utf8').trim().split('\n')
    const events = lines.map((line) => JSON.parse(line) as object)
    expect(firingIds(ask({ op: 'correlate', rule_yaml: given.rule_yaml, events }))).toEqual(
      new Set(given.expected.firing_event_ids),
    )
  })
})
