import { describe, expect, it } from '@jest/globals'
import { AlertState } from '@custodia/contracts'
import { decideChange, type Change, type Standing } from './decide-change.js'

const standing = (over: Partial<Standing> = {}): Standing => ({
  state: 'open',
  verdict: null,
  assignee: null,
  mergedInto: null,
  ...over,
})
const close: Change = { kind: 'close', verdict: 'benign', text: 'month-end check' }
const after = (now: Standing, ...changes: Change[]): Standing =>
  changes.reduce((state, change) => {
    const decision = decideChange(state, change, 'analyst-1')
    if ('refused' in decision) throw new Error(decision.refused)
    return decision.next
  }, now)

describe('the life of an alert', () => {
  it('is seen, worked on and closed with a verdict, and belongs to whoever took it up', () => {
    expect(after(standing(), { kind: 'acknowledge' }, { kind: 'begin' }, close)).toEqual(
      standing({ state: 'closed', verdict: 'benign', assignee: 'analyst-1' }),
    )
  })
  it('stays with whom it was given to', () => {
    const given = after(standing(), { kind: 'assign', assignee: 'analyst-2' }, { kind: 'acknowledge' })
    expect(given).toMatchObject({ state: 'acknowledged', assignee: 'analyst-2' })
    expect(after(given, { kind: 'assign', assignee: null }).assignee).toBeNull()
  })
  it('opened again it has no verdict', () => {
    expect(after(standing(), close, { kind: 'reopen', text: 'new facts' })).toMatchObject({
      state: 'open',
      verdict: null,
    })
  })

  const allowed: Record<string, readonly AlertState[]> = {
    acknowledge: ['open'],
    begin: ['open', 'acknowledged'],
    close: ['open', 'acknowledged', 'in_work'],
    reopen: ['closed'],
    assign: ['open', 'acknowledged', 'in_work'],
    comment: AlertState.options,
  }
  const changes: Change[] = [
    { kind: 'acknowledge' },
    { kind: 'begin' },
    close,
    { kind: 'reopen', text: 'new facts' },
    { kind: 'assign', assignee: 'analyst-2' },
    { kind: 'comment', text: 'seen this before' },
  ]
  it.each(changes.flatMap((change) => AlertState.options.map((state) => [change.kind, state, change] as const)))(
    '%s of one that is %s',
    (kind, state, change) => {
      const decision = decideChange(standing({ state }), change, 'analyst-1')
      expect('next' in decision).toBe(allowed[kind]?.includes(state))
    },
  )
  it('a repeat that was merged only takes comments, until it is split off', () => {
    const merged = standing({ mergedInto: 'other' })
    for (const change of changes)
      expect('next' in decideChange(merged, change, 'analyst-1')).toBe(change.kind === 'comment')
    expect(after(merged, { kind: 'split' })).toEqual(standing())
    expect(decideChange(standing(), { kind: 'split' }, 'analyst-1')).toHaveProperty('refused')
  })
})
