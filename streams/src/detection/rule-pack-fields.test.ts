import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { AccessAction, AccessEvent, FinalOutcome, problems } from '@custodia/contracts'
import { parseAllDocuments } from 'yaml'
import { baselineFields } from './baselines/index.js'

const folder = new URL('../../rules/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.yml') && !name.endsWith('.cases.yml'))

/** What the gateway writes as a reason beside the codes of its problems. */
const otherReasons = ['first_factor', 'setup', 'source_silent', 'gateway_silent']

interface Used {
  field: string
  values: unknown[]
}

type Content = Record<string, unknown>
const isMap = (value: unknown): value is Content => typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])

/** Every field that a document looks at, with what it is compared with. */
const usedIn = ({ detection, correlation }: Content): Used[] => {
  if (isMap(correlation)) {
    const { condition, 'group-by': groups } = correlation
    const counted = isMap(condition) ? listOf(condition.field ?? []) : []
    return [...listOf(groups ?? []), ...counted].map((field) => ({ field: String(field), values: [] }))
  }
  const searches = Object.entries(isMap(detection) ? detection : {}).filter(([name]) => name !== 'condition')
  return searches.flatMap(([, search]) =>
    listOf(search)
      .filter(isMap)
      .flatMap((map) => Object.entries(map))
      .flatMap(([key, value]) => {
        const [field = '', ...modifiers] = key.split('|')
        if (modifiers.includes('fieldref'))
          return [field, ...listOf(value)].map((name) => ({ field: String(name), values: [] }))
        return [{ field, values: modifiers.length ? [] : listOf(value) }]
      }),
  )
}

const used = files.flatMap((file) =>
  parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).flatMap((document) =>
    usedIn(document.toJS() as Content).map((one) => ({ file, ...one })),
  ),
)
const valuesOf = (name: string): unknown[] => used.filter(({ field }) => field === name).flatMap(({ values }) => values)

describe('what the shipped rules look at', () => {
  it('are fields of the access event and nothing else', () => {
    const known = [...Object.keys(AccessEvent.shape), ...baselineFields]
    expect(used.length).toBeGreaterThan(100)
    expect(used.filter(({ field }) => !known.includes(field))).toEqual([])
  })

  it.each([
    ['action', AccessAction.options],
    ['outcome', FinalOutcome.options],
    ['reason', [...Object.keys(problems), ...otherReasons]],
    ['factor', AccessEvent.shape.factor.unwrap().options],
  ])('are values of %s that are written', (field, written) => {
    expect(valuesOf(field).length).toBeGreaterThan(0)
    expect(valuesOf(field).filter((value) => !written.includes(value as string))).toEqual([])
  })
})
