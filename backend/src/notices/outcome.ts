import type { NoticeOutcome } from '@custodia/contracts'

/** What became of one attempt. Reasons are codes of ours: what the other side says may quote a secret back. */
export type Outcome =
  { kind: 'delivered' } | { kind: 'retry'; reason: string; afterSeconds?: number } | { kind: 'refused'; reason: string }

export const delivered: Outcome = { kind: 'delivered' }
export const refused = (reason: string): Outcome => ({ kind: 'refused', reason })
export const retry = (reason: string, afterSeconds?: number): Outcome => ({
  kind: 'retry',
  reason,
  ...(afterSeconds === undefined ? {} : { afterSeconds }),
})

/** A connection that failed: by its code, which names no host and no secret. */
export const lost = (error: unknown): Outcome => {
  const { code, name } = error as { code?: unknown; name?: unknown }
  if (name === 'TimeoutError' || name === 'AbortError') return retry('timed out')
  return retry(typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? code : 'connection failed')
}

/** As the page is told. */
export const outcomeTold = (outcome: Outcome): NoticeOutcome =>
  outcome.kind === 'delivered' ? { outcome: 'delivered' } : { outcome: outcome.kind, error: outcome.reason }
