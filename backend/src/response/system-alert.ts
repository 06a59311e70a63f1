import { createHash } from 'node:crypto'
import type { Alert } from '@custodia/contracts'

/** Rules that are not in a file: the system watches itself. */
export type SystemRule = 'freeze-guard' | 'break-glass'

export interface SystemAlert {
  rule: SystemRule
  title: string
  text: Alert['text']
  /** what led to it; the same twice is one alert */
  eventId: string
  actor?: string
  at: Date
  demo?: boolean
}

/** An alert of the system itself. It asks for nobody to be frozen, and for everybody on duty to be told. */
export const systemAlert = ({ rule, title, text, eventId, actor, at, demo }: SystemAlert): Alert => ({
  id: createHash('sha256')
    .update(JSON.stringify([rule, eventId]))
    .digest('hex'),
  time: at.toISOString(),
  rule,
  rule_version: '1',
  title,
  text,
  severity: 'critical',
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
