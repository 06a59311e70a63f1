import type { AccessEvent } from './access-event.js'
import type { Alert } from './alert.js'

let made = 0

/** A valid event; override what the test is about. Ids count up. */
export const anAccessEvent = (over: Partial<AccessEvent> = {}): AccessEvent => ({
  id: `event-${String(++made).padStart(6, '0')}`,
  v: 1,
  time: '2026-03-10T02:00:00.000Z',
  source: 'custodia',
  actor: 'clerk-1',
  actor_role: 'staff',
  team: 'service',
  branch: 'shanghai',
  action: 'view',
  outcome: 'granted',
  customer_id: 'customer-1',
  ip: '10.0.0.1',
  workday: true,
  off_hours: false,
  ...over,
})

/** A valid alert; override what the test is about. */
export const anAlert = (over: Partial<Alert> = {}): Alert => ({
  id: `alert-${String(++made).padStart(6, '0')}`,
  time: '2026-03-10T02:00:00.000Z',
  rule: 'bulk-photo-view',
  rule_version: '1',
  title: 'Bulk photo view',
  text: { en: 'clerk-1 opened 51 customers’ photos in 10 minutes', zh: 'clerk-1 在 10 分钟内打开了 51 位客户的照片' },
  severity: 'high',
  mode: 'live',
  group: { actor: 'clerk-1' },
  actor: 'clerk-1',
  source: 'custodia',
  value: 51,
  limit: 50,
  window_seconds: 600,
  event_id: 'event-000001',
  evidence: ['event-000001'],
  evidence_total: 1,
  respond: [{ do: 'alert' }, { do: 'freeze', for_seconds: 3600 }],
  may_freeze: true,
  ...over,
})
