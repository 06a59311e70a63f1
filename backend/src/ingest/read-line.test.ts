import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { identityMapping, readMapping, type Mapping } from './mapping.js'
import { readLine } from './read-line.js'

const now = Date.parse('2026-03-10T02:00:00Z')
const line = (over: object = {}) =>
  JSON.stringify({
    id: 'a1',
    time: '2026-03-10T01:59:00Z',
    actor: 'root',
    action: 'sign_in',
    outcome: 'failed',
    ip: 'h64.example.net',
    ...over,
  })
const read = (text: string, mapping: Mapping = identityMapping) => readLine(text, 'sshd', mapping, now)
const codeOf = (text: string) => {
  const result = read(text)
  return 'problem' in result ? result.problem.code : undefined
}
const mappingOf = (yaml: string): Mapping => {
  const result = readMapping(yaml)
  if ('problem' in result) throw new Error(result.problem.reason)
  return result.mapping
}

describe('a line of an outside system', () => {
  it('becomes an event in the name space of its source', () => {
    expect(read(line())).toEqual({
      event: {
        v: 1,
        id: 'sshd:a1',
        source: 'sshd',
        actor: 'sshd:root',
        time: '2026-03-10T01:59:00.000Z',
        action: 'sign_in',
        outcome: 'failed',
        ip: 'h64.example.net',
      },
    })
  })

  it('keeps ids beyond 2⁵³ apart: two events with long numbers are two, of two people', () => {
    const events = ['9007199254740992', '9007199254740993'].map((id) => {
      const result = read(line({ id: 'ID', actor: 'ID' }).replaceAll('"ID"', id))
      return 'event' in result && [result.event.id, result.event.actor]
    })
    expect(events).toEqual([
      ['sshd:9007199254740992', 'sshd:9007199254740992'],
      ['sshd:9007199254740993', 'sshd:9007199254740993'],
    ])
  })

  it('may lack an actor', () => {
    const result = read(line({ actor: null }))
    expect('event' in result && result.event.actor).toBe(undefined)
  })

  it('takes the past, however old, and five minutes of future at most', () => {
    expect(codeOf(line({ time: '1999-01-01T00:00:00Z' }))).toBe(undefined)
    expect(codeOf(line({ time: '2026-03-10T02:05:00Z' }))).toBe(undefined)
    expect(codeOf(line({ time: '2026-03-10T02:05:00.001Z' }))).toBe('future_time')
  })

  it('takes seconds and milliseconds since 1970', () => {
    for (const time of [1_700_000_000, 1_700_000_000_000]) {
      const result = read(line({ time }))
      expect('event' in result && result.event.time).toBe('2023-11-14T22:13:20.000Z')
    }
  })

  it.each([
    ['not_json', 'nonsense'],
    ['not_json', '[1]'],
    ['no_id', line({ id: undefined })],
    ['no_time', line({ time: 'yesterday' })],
    ['invalid_event', line({ action: 'dance' })],
    ['invalid_event', line({ count: -1 })],
    ['invalid_event', line({ outcome: 'held' })],
  ])('is refused as %s: %s', (code, text) => expect(codeOf(text)).toBe(code))

  it('never takes what a prototype has for a field', () => {
    const mapping = mappingOf(
      'fields: { id: id, time: time, action: action, outcome: outcome, reason: __proto__.constructor.name }',
    )
    const result = read(line(), mapping)
    expect('event' in result && result.event.reason).toBe(undefined)
  })
})

describe('a mapping file', () => {
  it('copies, translates, sets constants and falls back', () => {
    const mapping = mappingOf(`
fields:
  id: event.id
  time: ts
  actor: who.name
  action: { from: type, map: { login: sign_in }, default: view }
  outcome: { from: ok, map: { 'true': granted }, default: failed }
  factor: { value: password }`)
    const result = read(
      JSON.stringify({ event: { id: 7 }, ts: 1_700_000_000, who: { name: 'ann' }, type: 'login', ok: true }),
      mapping,
    )
    expect('event' in result && result.event).toMatchObject({
      id: 'sshd:7',
      actor: 'sshd:ann',
      action: 'sign_in',
      outcome: 'granted',
      factor: 'password',
    })
  })

  it('for a bank’s transactions gives what the rule about their amounts reads', () => {
    const mapping = mappingOf(readFileSync(new URL('../../../docs/mappings/transactions.yml', import.meta.url), 'utf8'))
    const theirs = { id: 'tx-1', booked_at: '2026-03-09T17:00:00Z', teller: 'ann', customer: 'c-1', amount: -600_000.5 }
    const outcomeOf = (state: string) => {
      const result = read(JSON.stringify({ ...theirs, state }), mapping)
      return 'event' in result ? result.event : undefined
    }
    expect(outcomeOf('booked')).toMatchObject({ action: 'create', outcome: 'granted', amount: -600_000.5 })
    expect(outcomeOf('declined')).toMatchObject({ outcome: 'refused', customer_id: 'c-1', actor: 'sshd:ann' })
  })

  it.each([
    ['is no YAML', 'fields: ['],
    ['names a field that is not ours', 'fields: { nonsense: x }'],
    ['names an action that is not ours', 'fields: { action: { value: dance } }'],
  ])('is refused when it %s', (_, yaml) => expect(readMapping(yaml)).toHaveProperty('problem'))
})
