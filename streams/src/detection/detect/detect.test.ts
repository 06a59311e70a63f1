import { describe, expect, it } from '@jest/globals'
import { fromStream } from './chunks.js'
import { detect } from './detect.js'
import type { Found } from './judge.js'
import type { DetectOptions } from './options.js'

const yaml = `
title: Three failures
name: failures
correlation: { type: event_count, rules: [failure], group-by: [user], timespan: 1m, condition: { gte: 3 } }
---
title: Failure
name: failure
logsource: { product: test }
detection: { sel: { result: failure }, condition: sel }
---
title: Odd
name: odd
logsource: { product: test }
detection: { sel: { result: odd }, condition: sel }
`
const rules = { files: [{ file: 'rules.yml', yaml }] }

const second = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString()
const failure = (n: number, user = 'ann') => ({ id: `e${n}`, time: second(n), user, result: 'failure' })

const run = async (input: string | object[], over: Partial<DetectOptions> = {}, pieces = 7) => {
  const bytes = Buffer.from(typeof input === 'string' ? input : input.map((event) => JSON.stringify(event)).join('\n'))
  async function* read() {
    for (let at = 0; at < bytes.length; at += pieces) yield bytes.subarray(at, at + pieces)
  }
  const options = { firings: 'alerts', timeField: 'time', reorder: 10, readers: 0, ...over } as const
  const found: Found[] = []
  for await (const batch of detect(rules, fromStream(read()), options)) found.push(...batch)
  return found
}

describe('rules over a stream of events', () => {
  it('tell each firing with its group and what was counted', async () => {
    expect(await run([failure(1), failure(2, 'bob'), failure(3), failure(4)])).toEqual([
      {
        rule: 'failures',
        title: 'Three failures',
        kind: 'correlation',
        time: second(4),
        group: { user: 'ann' },
        event_ids: ['e1', 'e3', 'e4'],
      },
    ])
    expect(await run([{ id: 7, result: 'ODD' }].map((event) => ({ ...event, time: second(0) })))).toEqual([
      { rule: 'odd', title: 'Odd', kind: 'match', time: second(0), group: {}, event_ids: ['7'] },
    ])
  })

  it('alert once, and again when the timespan has passed to the millisecond', async () => {
    const times = [0, 1, 2, 3, 61.999, 62, 63]
    const events = times.map((n) => failure(n))
    const fired = (found: { time: string | null }[]) => found.map(({ time }) => time)
    expect(fired(await run(events))).toEqual([second(2), second(62)])
    expect(fired(await run(events, { firings: 'all' }))).toEqual([2, 3, 61.999, 62, 63].map(second))
  })

  it('judge by time, not by place in the file', async () => {
    const events = [failure(3), failure(1), failure(2)]
    expect((await run(events))[0]?.event_ids).toEqual(['e1', 'e2', 'e3'])
    await expect(run(events, { reorder: 0 })).rejects.toThrow('line 2: more than 0 newer events')
  })

  it('tell an id as often as an event of that id was counted, and an event once', async () => {
    const twice = [failure(1), failure(1), { ...failure(1), time: second(2) }]
    expect((await run(twice))[0]?.event_ids).toEqual(['e1', 'e1', 'e1'])
    expect((await run([failure(1), failure(1), failure(2)]))[0]?.event_ids).toEqual(['e1', 'e1', 'e2'])
    expect((await run([failure(1), failure(2), failure(1)]))[0]?.event_ids).toEqual(['e1', 'e1', 'e2'])
  })

  it('take the ids of lines where there is none, unless a field was named', async () => {
    const events = [1, 2, 3].map((n) => ({ ...failure(n), id: undefined }))
    expect((await run(events))[0]?.event_ids).toEqual(['1', '2', '3'])
    await expect(run(events, { idField: 'id' })).rejects.toThrow('line 1: `id` is no id')
  })

  it('pass over empty lines and a byte order mark, and count lines right', async () => {
    const text = `\ufeff${JSON.stringify(failure(1))}\r\n\n${JSON.stringify(failure(2))}\n  \n{"id":"e5"`
    await expect(run(text)).rejects.toThrow('line 5 is not JSON')
    await expect(run(text, {}, 100_000)).rejects.toThrow('line 5 is not JSON')
    await expect(run('[1]')).rejects.toThrow('line 1 is not an event')
  })

  it('tell ids beyond 2⁵³ apart: as a group, in a list or nested, where they are counted, and as ids of events', async () => {
    const ids = ['9007199254740992', '9007199254740993', '9007199254740994']
    const text = ids
      .flatMap((id, n) => [`"who":${id},"all":[${id}],"in":{"who":${id}}`, `"who":${id},"n":${n}`])
      .map((rest, n) => `{"id":${900719925474099200 + n}${n},"time":"${second(n)}","result":"long",${rest}}`)
    const values = (name: string, field: string, more = '') =>
      `title: t\nname: ${name}\ncorrelation: { type: value_count, rules: [base], timespan: 1m, condition: { field: ${field}, gte: ${more ? 2 : 3} }${more} }`
    const files = [
      values('flat', 'who'),
      values('listed', 'all'),
      values('nested', 'in.who'),
      values('grouped', 'id', ', group-by: [who]'),
      `title: t\nname: equal\nlogsource: { product: test }\ndetection: { sel: { who: '${ids[1]}' }, condition: sel }`,
      `title: t\nname: word\nlogsource: { product: test }\ndetection: { sel: ['${ids[2]}'], condition: sel }`,
      `title: t\nname: base\nlogsource: { product: test }\ndetection: { sel: { result: long }, condition: sel }`,
    ].map((yaml, n) => ({ file: `${n}.yml`, yaml }))
    const fired: string[] = []
    async function* read() {
      yield Buffer.from(text.join('\n'))
    }
    const options = { firings: 'all', timeField: 'time', reorder: 0, readers: 0 } as const
    for await (const batch of detect({ files }, fromStream(read()), options))
      for (const { rule, group, event_ids } of batch) fired.push(`${rule} ${group.who ?? ''} ${event_ids.at(-1)}`)
    const idOf = (n: number): string => (JSON.parse(text[n]!.replace(/"id":(\d+)/, '"id":"$1"')) as { id: string }).id
    expect(fired.sort()).toEqual(
      [
        ...[4, 5].map((n) => `flat  ${idOf(n)}`),
        `listed  ${idOf(4)}`,
        `nested  ${idOf(4)}`,
        ...[1, 3, 5].map((n, at) => `grouped ${ids[at]} ${idOf(n)}`),
        ...[2, 3].map((n) => `equal  ${idOf(n)}`),
        ...[4, 5].map((n) => `word  ${idOf(n)}`),
      ].sort(),
    )
  })

  it('want a time where a rule has a timespan', async () => {
    await expect(run([{ id: 'a', result: 'failure' }])).rejects.toThrow('line 1: `time` is no time')
    const odd = { files: [{ file: 'odd.yml', yaml: yaml.split('---').at(-1) ?? '' }] }
    async function* read() {
      yield Buffer.from('{"id":"a","result":"odd"}')
    }
    const options = { firings: 'all', timeField: 'time', reorder: 0, readers: 0 } as const
    for await (const [found] of detect(odd, fromStream(read()), options)) expect(found).toMatchObject({ time: null })
  })
})
