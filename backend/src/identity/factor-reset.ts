import { eq } from 'drizzle-orm'
import type { Queries } from '../record-store/record-store.js'
import { accounts, devices, passkeys, recoveryCodes, stepUps } from '../record-store/schema.js'
import { endSessionsOf } from './session-ends.js'
import { nothingPending } from './totp.service.js'

/**
 * Takes away everything somebody signs in with; what they get instead is the caller's business, in the same transaction.
 * `passwordHash`: the one that takes the place of theirs; null: they set one with a link.
 */
export async function clearFactors(tx: Queries, accountId: string, passwordHash: string | null): Promise<void> {
  const none = { totpSecret: null, ...nothingPending, totpConfirmed: false, totpLastStep: 0 }
  await tx
    .update(accounts)
    .set({ ...none, passwordHash, vouchedAt: null })
    .where(eq(accounts.id, accountId))
  // Whoever took the phone may have the browser as well: it is known no longer.
  for (const table of [passkeys, recoveryCodes, stepUps, devices])
    await tx.delete(table).where(eq(table.accountId, accountId))
  await endSessionsOf(tx, accountId, 'revoked')
}
