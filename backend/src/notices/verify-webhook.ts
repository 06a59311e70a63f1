import { createHmac, timingSafeEqual } from 'node:crypto'

export interface ReceivedNotice {
  headers: Record<string, string | string[] | undefined>
  /** the exact bytes as they came, before anything parsed them */
  body: Uint8Array
}

const toleranceSeconds = 300

/**
 * For receivers; it needs nothing of ours, so copy it. Returns the notice's id when the signature is right and fresh, else
 * undefined. Keep the ids of ten minutes and pass over those you have seen: that is a repeat, ours or an attacker's.
 */
export function verifiedId(secret: string, { headers, body }: ReceivedNotice, now = Date.now()): string | undefined {
  const [timestamp, signature] = [headers['custodia-timestamp'], headers['custodia-signature']]
  if (typeof timestamp !== 'string' || typeof signature !== 'string' || !/^\d{1,12}$/.test(timestamp)) return undefined
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) return undefined
  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest()
  const given = Buffer.from(signature.replace(/^v1=/, ''), 'hex')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  // from the body, which is signed; the header of the same name is a convenience
  const { id } = JSON.parse(Buffer.from(body).toString()) as { id?: unknown }
  return typeof id === 'string' ? id : undefined
}
