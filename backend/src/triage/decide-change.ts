import type { AlertState, AlertVerdict } from '@custodia/contracts'

/** Where an alert stands, as far as people decide it. */
export interface Standing {
  state: AlertState
  verdict: AlertVerdict | null
  assignee: string | null
  mergedInto: string | null
}

/** What one person does with one alert. */
export type Change =
  | { kind: 'acknowledge' | 'begin' | 'split' }
  | { kind: 'close'; verdict: AlertVerdict; text: string }
  | { kind: 'reopen' | 'comment'; text: string }
  | { kind: 'assign'; assignee: string | null }

export type Decision = { next: Standing } | { refused: string }

const refused = (why: string): Decision => ({ refused: why })

/** open → acknowledged → in work → closed with a verdict → open again. Whoever takes one up that is nobody's has it. */
export function decideChange(now: Standing, change: Change, who: string): Decision {
  if (now.mergedInto && change.kind !== 'comment' && change.kind !== 'split')
    return refused('This alert is merged into another one: go on there, or split it off first.')
  const mine = now.assignee ?? who
  switch (change.kind) {
    case 'acknowledge':
      if (now.state !== 'open') return refused('This alert is acknowledged already.')
      return { next: { ...now, state: 'acknowledged', assignee: mine } }
    case 'begin':
      if (now.state !== 'open' && now.state !== 'acknowledged')
        return refused(now.state === 'closed' ? 'This alert is closed.' : 'This alert is in work already.')
      return { next: { ...now, state: 'in_work', assignee: mine } }
    case 'close':
      if (now.state === 'closed') return refused('This alert is closed already.')
      return { next: { ...now, state: 'closed', verdict: change.verdict, assignee: mine } }
    case 'reopen':
      if (now.state !== 'closed') return refused('This alert is not closed.')
      return { next: { ...now, state: 'open', verdict: null } }
    case 'assign':
      if (now.state === 'closed') return refused('This alert is closed: open it again first.')
      if (now.assignee === change.assignee) return refused('It is theirs already.')
      return { next: { ...now, assignee: change.assignee } }
    case 'split':
      if (!now.mergedInto) return refused('This alert stands for itself.')
      return { next: { ...now, mergedInto: null } }
    case 'comment':
      return { next: now }
  }
}
