import { createHmac, timingSafeEqual } from 'node:crypto'

export interface ReceivedNotice {
  headers: Record<string, string | string[] | undefined>
  /** the exact bytes as they came, before anything parsed them */
  body: Uint8Array
}

const toleranceSeconds = 300
/** A copy is fresh for as long after its timestamp as before it. */
const rememberedMs = 2 * toleranceSeconds * 1000

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

/**
 * Says of each id whether it comes for the first time in ten minutes, in this process: a receiver of several keeps them in its
 * database. Ask when the work is as good as done: where you answer 5xx, the same id comes again, and must.
 */
export function firstTimes(): (id: string, now?: number) => boolean {
  const seen = new Map<string, number>()
  return (id, now = Date.now()) => {
    for (const [old, at] of seen) if (now - at > rememberedMs) seen.delete(old)
    if (seen.has(id)) return false
    seen.set(id, now)
    return true
  }
}
