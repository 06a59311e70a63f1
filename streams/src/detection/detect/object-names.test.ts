import { describe, expect, it } from '@jest/globals'
import { fromStream } from './chunks.js'
import { detect } from './detect.js'

const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'] as const

/** Each name as rules and events have it: in JSON, where it is a key like any other. */
const found = async (yaml: string, lines: readonly string[]) => {
  async function* read() {
    yield await Promise.resolve(Buffer.from(lines.join('\n')))
  }
  const options = { firings: 'all', timeField: 'time', reorder: 10, readers: 0 } as const
  const all = []
  for await (const batch of detect({ files: [{ file: 'r.yml', yaml }] }, fromStream(read()), options))
    all.push(...batch)
  return all
}
const event = (n: number, more: string) =>
  `{"id":"e${n}","time":"2026-01-01T00:00:0${n}.000Z","a":"x"${more && `,${more}`}}`
const rule = (name: string, item: string) =>
  `title: t\nname: ${name}\nlogsource: { product: p }\ndetection:\n  s: { ${item} }\n  condition: s\n`
const counting = (more: string, rules = 'r') =>
  `---\ntitle: c\nname: c\ncorrelation: { type: event_count, rules: [${rules}], timespan: 5m, condition: { gte: 2 }, ${more} }\n`

describe('names that every object has in JavaScript', () => {
  it.each(names)('are fields that an event has only where it says so: %s', async (name) => {
    const events = [event(1, ''), event(2, `"${name}":"v"`), event(3, `"${name}":{"x":"v"}`)]
    const ids = async (item: string) =>
      (await found(rule('r', `a: x, ${item}`), events)).map(({ event_ids: [id] }) => id)
    expect(await ids(`"${name}|exists": true`)).toEqual(['e2', 'e3'])
    expect(await ids(`"${name}|exists": false`)).toEqual(['e1'])
    expect(await ids(`"${name}|contains": v`)).toEqual(['e2'])
    expect(await ids(`"${name}.x": v`)).toEqual(['e3'])
    expect(await ids(`"a.${name}|exists": true`)).toEqual([])
    expect(await ids(`"b|fieldref": "${name}"`)).toEqual([])
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  it.each(['constructor', 'toString', 'hasOwnProperty'])('are groups, and aliases: %s', async (name) => {
    const events = [event(1, `"${name}":"v"`), event(2, `"${name}":"w"`), event(3, `"${name}":"v"`), event(4, ''), event(5, '')] // prettier-ignore
    const [only, ...more] = await found(rule('r', 'a: x') + counting(`group-by: ["${name}"]`), events)
    expect(only).toMatchObject({ group: { [name]: 'v' }, event_ids: ['e1', 'e3'] })
    expect(more).toEqual([])
    const aliased = counting(`group-by: ["${name}"], aliases: { "${name}": { r: b } }`)
    const others = [event(1, '"b":"v"'), event(2, `"${name}":"v"`), event(3, '"b":"v"')]
    expect(await found(rule('r', 'a: x') + aliased, others)).toMatchObject([{ event_ids: ['e1', 'e3'] }])
  })

  it.each(['name', 'length', ...names])('are names of rules: %s', async (name) => {
    const events = [event(1, '"constructor":"v"'), event(2, '"constructor":"w"'), event(3, '"constructor":"v"')]
    const text = rule(`"${name}"`, 'a: x') + counting('group-by: [constructor]', `"${name}"`)
    expect(await found(text, events)).toMatchObject([{ group: { constructor: 'v' }, event_ids: ['e1', 'e3'] }])
  })
})
