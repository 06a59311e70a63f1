import { ChannelConfig, ChannelSettings, type ChannelKind, type NoticeChannel } from '@custodia/contracts'

/** Where a channel leads, as people type it: one field for each thing that some kind asks for. */
export interface ConfigForm {
  kind: ChannelKind
  url: string
  secret: string
  host: string
  port: number
  security: 'tls' | 'starttls' | 'none'
  user: string
  password: string
  from: string
  to: string
}

export const emptyConfig = (kind: ChannelKind): ConfigForm => ({
  kind,
  url: '',
  secret: '',
  host: '',
  port: 465,
  security: 'tls',
  user: '',
  password: '',
  from: '',
  to: '',
})

/** What is sent of it: what this kind has, and nothing that was left empty. Undefined while it is not complete. */
export function configOf(form: ConfigForm): ChannelConfig | undefined {
  const filled = Object.entries(form).filter(([, value]) => value !== '')
  const to = form.to.split(/[\s,;]+/).filter(Boolean)
  return ChannelConfig.safeParse({ ...Object.fromEntries(filled), to }).data
}

export const newSettings = (language: ChannelSettings['language']): ChannelSettings => ({
  name: '',
  language,
  enabled: true,
  kinds: ['alert', 'freeze', 'lift_request', 'guard', 'backup', 'access_review'],
  min_severity: 'high',
  responses: ['notify'],
  demo: false,
  group_minutes: 10,
  after_minutes: 0,
  quiet: null,
})

/** A copy that a form may change. */
export const settingsOf = (channel: NoticeChannel): ChannelSettings =>
  ChannelSettings.parse(JSON.parse(JSON.stringify(channel)))

export const newSecret = (random: (bytes: number) => Uint8Array): string =>
  [...random(32)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
