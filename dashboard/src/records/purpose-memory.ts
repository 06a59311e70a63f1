/**
 * The purpose somebody stated for a customer, kept while the tab lives and in memory only. Another person at the same
 * keyboard starts anew.
 */
export const purposeMemory = () => {
  const stated = new Map<string, string>()
  let owner: string | undefined
  const of = (who: string) => {
    if (who !== owner) stated.clear()
    owner = who
    return stated
  }
  return {
    recall: (who: string, customer: string): string | undefined => of(who).get(customer),
    keep: (who: string, customer: string, purpose: string): void => void of(who).set(customer, purpose),
    forget: (who: string, customer: string): void => void of(who).delete(customer),
  }
}
