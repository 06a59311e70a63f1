import { describe, expect, it } from '@jest/globals'
import type { ChannelSettings } from '@custodia/contracts'
import { anAlert } from '@custodia/contracts/testing'
import { quietUntil, secondsUntilNext, wants } from './decide.js'
import { aChannel } from './testing/channel.js'
import { accountTold, alertTold, backupTold, type Told } from './told.js'

const channel = (over: Partial<ChannelSettings> = {}) => aChannel(over)
const told = (over: Parameters<typeof anAlert>[0] = {}) => alertTold(anAlert(over)) as Told

describe('who is told', () => {
  it('of alerts from a severity on', () => {
    const wanted = (severity: 'medium' | 'high' | 'critical') => wants(channel(), told({ severity }))
    expect([wanted('medium'), wanted('high'), wanted('critical')]).toEqual([false, true, true])
  })
  it('of any alert whose rule asks for it', () => {
    const quiet = told({ severity: 'low', respond: [{ do: 'notify' }] })
    expect(wants(channel(), quiet)).toBe(true)
    expect(wants(channel({ responses: ['freeze'] }), quiet)).toBe(false)
  })
  it('of no kind that was not chosen, of no demo unless asked for, and of nothing in shadow', () => {
    expect(wants(channel({ kinds: ['freeze'] }), told())).toBe(false)
    expect(wants(channel(), told({ demo: true }))).toBe(false)
    expect(wants(channel({ demo: true }), told({ demo: true }))).toBe(true)
    expect(alertTold(anAlert({ mode: 'shadow' }))).toBeUndefined()
  })
  it('of guards and backups whatever severity of alerts was chosen', () => {
    const strict = channel({ min_severity: 'critical', responses: [] })
    expect(wants(strict, told({ rule: 'freeze-guard', severity: 'low' }))).toBe(true)
    expect(wants(strict, backupTold(['the newest verified backup is too old'], new Date()))).toBe(true)
  })
})

describe('what people typed', () => {
  it('stays on the page', () => {
    const freeze = {
      id: 'f1',
      account: 'u1',
      reason: 'copied ID 11010519491231002X',
      by: 'u2',
      set_at: '2026-03-10T02:00:00.000Z',
      until: '2026-03-10T03:00:00.000Z',
      lift_asked_by: 'u3',
      lift_asked_reason: 'of 11010519491231002X',
      lifted_by: 'u3',
      lift_reason: '11010519491231002X is fine',
    }
    const asked = {
      kind: 'lift_requested' as const,
      account: 'u1',
      account_name: '张三',
      message: '11010519491231002X',
    }
    const name = (id: string) => ({ u1: '张三', u2: 'Li Na', u3: 'Wang' })[id] ?? id
    for (const record of [
      { kind: 'frozen' as const, freeze },
      { kind: 'lifted' as const, freeze },
      { kind: 'lift_asked' as const, freeze },
      { ...asked, at: '2026-03-10T02:00:00.000Z' },
    ]) {
      const said = JSON.stringify(accountTold(record, name, 'Asia/Shanghai'))
      expect(said).toContain('张三')
      expect(said).not.toContain('11010519491231002X')
    }
  })
})

describe('quiet hours', () => {
  const quiet = { from: '22:00', to: '07:00', unless: 'critical' as const }
  const until = (at: string, severity: 'high' | 'critical' = 'high', hours = quiet) =>
    quietUntil(hours, severity, 'Asia/Shanghai', new Date(at))?.toISOString()

  it('run overnight, in the time zone of the house', () => {
    expect(until('2026-03-10T13:59:00Z')).toBeUndefined() // 21:59
    expect(until('2026-03-10T14:00:00Z')).toBe('2026-03-10T23:00:00.000Z')
    expect(until('2026-03-10T22:59:00Z')).toBe('2026-03-10T23:00:00.000Z')
    expect(until('2026-03-10T23:00:00Z')).toBeUndefined()
  })
  it('or at noon', () => {
    const noon = { ...quiet, from: '12:00', to: '13:00' }
    expect(until('2026-03-10T04:30:00Z', 'high', noon)).toBe('2026-03-10T05:00:00.000Z')
    expect(until('2026-03-10T05:00:00Z', 'high', noon)).toBeUndefined()
  })
  it('keep nobody asleep through what is grave', () => {
    expect(until('2026-03-10T14:00:00Z', 'critical')).toBeUndefined()
  })
})

describe('waiting between attempts', () => {
  it('grows twofold to an hour, spread over its second half', () => {
    const waits = [1, 2, 3, 10, 11, 30].map((attempts) => secondsUntilNext(attempts, undefined, 1))
    expect(waits).toEqual([5, 10, 20, 2560, 3600, 3600])
    expect(secondsUntilNext(3, undefined, 0)).toBe(10)
  })
  it('is as long as the other side asks for, within reason', () => {
    expect(secondsUntilNext(1, 90, 0.5)).toBe(90)
    expect(secondsUntilNext(1, 1_000_000, 0.5)).toBe(3600)
  })
})
