import { createHash } from 'node:crypto'
import type { Alert, Severity } from '@custodia/contracts'

/** Rules that are not in a file: the system watches itself. */
export type SystemRule =
  | 'freeze-guard'
  | 'break-glass'
  | 'factor-reset'
  | 'break-glass-access'
  | 'break-glass-review'
  | 'leavers-stopped'
  | 'access-review-overdue'
  | 'power-change'

export interface SystemAlert {
  rule: SystemRule
  title: string
  text: Alert['text']
  /** what led to it; the same twice is one alert */
  eventId: string
  actor?: string
  at: Date
  demo?: boolean
  severity?: Severity
}

/** An alert of the system itself. It asks for nobody to be frozen, and for everybody on duty to be told. */
export const systemAlert = ({
  rule,
  title,
  text,
  eventId,
  actor,
  at,
  demo,
  severity = 'critical',
}: SystemAlert): Alert => ({
  id: createHash('sha256')
    .update(JSON.stringify([rule, eventId]))
    .digest('hex'),
  time: at.toISOString(),
  rule,
  rule_version: '1',
  title,
  text,
  severity,
  mode: 'live',
  group: actor ? { actor } : {},
  actor,
  source: 'custodia',
  value: 1,
  event_id: eventId,
  evidence: [eventId],
  evidence_total: 1,
  respond: [{ do: 'alert' }, { do: 'notify' }],
  may_freeze: false,
  demo,
})
