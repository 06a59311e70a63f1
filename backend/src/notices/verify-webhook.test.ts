import { createHmac } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { firstTimes, verifiedId } from './verify-webhook.js'

const secret = 'a secret of thirty-two characters'
const now = Date.parse('2026-03-10T02:00:00Z')
const seconds = String(now / 1000)
const body = Buffer.from('{"id":"d1","text":"张三"}')
const sign = (timestamp: string, over = body, key = secret) =>
  `v1=${createHmac('sha256', key).update(`${timestamp}.${over.toString()}`).digest('hex')}`
const received = (timestamp = seconds, signature = sign(timestamp), over = body) => ({
  headers: { 'custodia-timestamp': timestamp, 'custodia-signature': signature },
  body: over,
})

describe('the recipe for receivers', () => {
  it('names the notice when its signature is right and fresh', () => {
    expect(verifiedId(secret, received(), now)).toBe('d1')
  })
  it('takes no other body, key or time under a signature', () => {
    const other = Buffer.from('{"id":"d2","text":"张三"}')
    expect(verifiedId(secret, received(seconds, sign(seconds), other), now)).toBeUndefined()
    expect(verifiedId(secret, received(seconds, sign(seconds, body, 'another')), now)).toBeUndefined()
    expect(verifiedId(secret, received(String(now / 1000 + 1), sign(seconds)), now)).toBeUndefined()
  })
  it('takes nothing that is older than five minutes, or from a later time', () => {
    for (const off of [-301, 301]) {
      const timestamp = String(now / 1000 + off)
      expect(verifiedId(secret, received(timestamp), now)).toBeUndefined()
    }
  })
  it('takes no nonsense', () => {
    for (const signature of ['', 'v1=', 'v1=00', 'v1=zz', `v1=${'0'.repeat(64)}`])
      expect(verifiedId(secret, received(seconds, signature), now)).toBeUndefined()
    expect(verifiedId(secret, received('now'), now)).toBeUndefined()
    expect(verifiedId(secret, { headers: {}, body }, now)).toBeUndefined()
  })
  it('passes over what was sent again by somebody who listened, for as long as its signature is fresh', () => {
    const isFirst = firstTimes()
    const take = (at: number) => {
      const id = verifiedId(secret, received(), at)
      return id !== undefined && isFirst(id, at)
    }
    // from five minutes before its own time, by a clock that is slow, to five minutes after
    expect([-300, -299, 0, 299, 300, 301].map((off) => take(now + off * 1000))).toEqual([
      true,
      ...Array<boolean>(5).fill(false),
    ])
    expect(isFirst('another', now)).toBe(true)
    expect(isFirst('another', now + 600_001)).toBe(true)
  })
})
