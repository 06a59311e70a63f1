import type { Account } from './account.js'

/** Whoever wants to keep a notice from somebody changes their address first: for so long the one before is told, too. */
const days = 7

const changedLately = ({ emailChangedAt }: Pick<Account, 'emailChangedAt'>): boolean =>
  emailChangedAt !== null && Date.now() - emailChangedAt.getTime() < days * 86_400_000

/** The columns of a new address; of several changes within days the first address is the one that is kept. */
export const newAddress = (
  account: Pick<Account, 'email' | 'emailBefore' | 'emailChangedAt'>,
  email: string | null | undefined,
): Partial<Account> =>
  email === undefined || email === account.email
    ? {}
    : {
        email,
        emailBefore: changedLately(account) ? account.emailBefore : account.email,
        emailChangedAt: new Date(),
      }

/** Where a notice about this account goes. */
export const addressesOf = (account: Pick<Account, 'email' | 'emailBefore' | 'emailChangedAt'>): string[] => {
  const all = [account.email, changedLately(account) ? account.emailBefore : null]
  return [...new Set(all.filter((address) => address !== null))]
}
