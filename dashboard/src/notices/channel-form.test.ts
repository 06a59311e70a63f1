import { describe, expect, it } from '@jest/globals'
import { configOf, emptyConfig, newSecret, newSettings, settingsOf } from './channel-form.js'

describe('where a channel leads', () => {
  it('is complete with what its kind asks for, and sends no more than that', () => {
    const form = { ...emptyConfig('slack'), host: 'left over', url: 'https://hooks.example/x' }
    expect(configOf(form)).toEqual({ kind: 'slack', url: 'https://hooks.example/x' })
    expect(configOf({ ...form, url: 'not an address' })).toBeUndefined()
    expect(configOf({ ...form, kind: 'webhook', secret: 'short' })).toBeUndefined()
  })
  it('takes mail addresses a line each', () => {
    const form = {
      ...emptyConfig('email'),
      host: 'mail.example',
      from: 'a@example.com',
      to: 'b@example.com\nc@example.com',
    }
    expect(configOf(form)).toMatchObject({ to: ['b@example.com', 'c@example.com'], security: 'tls', port: 465 })
    expect(configOf({ ...form, to: '' })).toBeUndefined()
  })
  it('leaves an empty secret out', () => {
    const form = { ...emptyConfig('feishu'), url: 'https://open.feishu.example/hook' }
    expect(configOf(form)).toEqual({ kind: 'feishu', url: 'https://open.feishu.example/hook' })
  })
})

describe('settings', () => {
  it('are copied, so that a cancelled form changes nothing', () => {
    const channel = {
      ...newSettings('en'),
      name: 'n',
      id: 'i',
      kind: 'slack',
      target: 't',
      created_at: '2026-03-10T02:00:00.000Z',
    }
    const copy = settingsOf(channel)
    copy.kinds.push('lift')
    expect(channel.kinds).not.toContain('lift')
    expect(copy).not.toHaveProperty('id')
  })
  it('a new secret is 32 bytes', () =>
    expect(newSecret((count) => new Uint8Array(count).fill(10))).toBe('0a'.repeat(32)))
})
