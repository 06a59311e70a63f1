import { describe, expect, it } from '@jest/globals'
import { backupDue, drillDue, lastSlot } from './due.js'

const zone = 'Asia/Shanghai'
const at = (time: string) => new Date(time)
const run = (startedAt: string, state: 'running' | 'verified' | 'failed') => ({ startedAt: at(startedAt), state })

describe('when a backup is due', () => {
  it('the slot is the last time that the clock showed it, in the configured zone', () => {
    expect(lastSlot('02:30', zone, at('2026-11-22T03:30:00+08:00'))).toEqual(at('2026-11-22T02:30:00+08:00'))
    expect(lastSlot('02:30', zone, at('2026-11-22T02:30:00+08:00'))).toEqual(at('2026-11-22T02:30:00+08:00'))
    expect(lastSlot('02:30', zone, at('2026-11-22T02:29:59+08:00'))).toEqual(at('2026-11-21T02:30:00+08:00'))
    expect(lastSlot('23:00', 'Europe/Berlin', at('2026-10-25T12:00:00Z'))).toEqual(at('2026-10-24T21:00:00Z'))
  })

  const slot = at('2026-11-22T02:30:00+08:00')
  const due = (now: string, verified?: string, newest?: ReturnType<typeof run>) =>
    backupDue(slot, at(now), verified ? run(verified, 'verified') : undefined, newest)

  it('there is none yet, or the last one was before the slot', () => {
    expect(due('2026-11-22T09:00:00+08:00')).toBe(true)
    expect(
      due('2026-11-22T02:31:00+08:00', '2026-11-21T02:30:00+08:00', run('2026-11-21T02:30:00+08:00', 'verified')),
    ).toBe(true)
    expect(due('2026-11-22T02:40:00+08:00', '2026-11-22T02:31:00+08:00')).toBe(false)
  })

  it('not while one is running, and an hour after one failed or was killed', () => {
    for (const state of ['running', 'failed'] as const) {
      expect(due('2026-11-22T03:00:00+08:00', undefined, run('2026-11-22T02:31:00+08:00', state))).toBe(false)
      expect(due('2026-11-22T03:32:00+08:00', undefined, run('2026-11-22T02:31:00+08:00', state))).toBe(true)
    }
  })
})

describe('when a drill is due', () => {
  const backup = run('2026-11-22T02:31:00+08:00', 'verified')
  const due = (now: string, passed?: string, newest?: ReturnType<typeof run>) =>
    drillDue(zone, at(now), passed ? run(passed, 'verified') : undefined, newest, backup)

  it('once a month, as soon as there is a backup', () => {
    expect(drillDue(zone, at('2026-11-22T03:00:00+08:00'), undefined, undefined, undefined)).toBe(false)
    expect(due('2026-11-22T03:00:00+08:00')).toBe(true)
    expect(due('2026-11-22T03:00:00+08:00', '2026-11-01T03:00:00+08:00')).toBe(false)
    expect(due('2026-12-01T03:00:00+08:00', '2026-11-01T03:00:00+08:00')).toBe(true)
  })

  it('a day after one that failed', () => {
    const failed = run('2026-11-22T03:00:00+08:00', 'failed')
    expect(due('2026-11-22T20:00:00+08:00', undefined, failed)).toBe(false)
    expect(due('2026-11-23T03:01:00+08:00', undefined, failed)).toBe(true)
  })
})
