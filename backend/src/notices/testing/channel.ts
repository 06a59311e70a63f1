import type { BodyInput, routes } from '@custodia/contracts'

export type NewChannel = BodyInput<typeof routes.noticeChannelCreate>

export const webhookSecret = 'a secret of thirty-two characters'

/** A valid channel that leads nowhere it may go; override what the test is about. */
export const aChannel = (over: Partial<NewChannel> = {}): NewChannel => ({
  name: 'On duty',
  language: 'en',
  enabled: true,
  kinds: ['alert', 'freeze', 'lift', 'lift_request', 'guard', 'backup'],
  min_severity: 'high',
  responses: ['notify'],
  demo: false,
  group_minutes: 10,
  after_minutes: 0,
  quiet: null,
  config: { kind: 'webhook', url: 'https://127.0.0.1:9/hook', secret: webhookSecret },
  ...over,
})
