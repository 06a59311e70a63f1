import type { RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { signInNameOf, type Account } from '../identity/account.js'
import type { Owner } from '../vault/vault-writer.js'
import { Policies } from '../gateway/policies.js'
import { mayEver } from '../gateway/policy.js'
import type { Policy } from '../gateway/policy-in-force.js'
import { ImportRefused } from './codes.js'

/** The people an import is about: in whose name it is done, and whose the customers will be. */
export class ImportPeople {
  private constructor(
    private readonly byName: Map<string, Account>,
    private readonly policy: Policy,
  ) {}

  static async load(store: RecordStore): Promise<ImportPeople> {
    const rows = await store.db.select().from(accounts)
    const byName = new Map(rows.map((account) => [signInNameOf(account.username), account]))
    return new ImportPeople(byName, await new Policies(store).current())
  }

  /** An administrator who could sign in now; anybody else is refused, and not told why. */
  administrator(username: string, now: Date): Account {
    const account = this.byName.get(signInNameOf(username))
    const frozen = account?.frozenUntil && account.frozenUntil > now
    if (!account || account.role !== 'admin' || account.status !== 'active' || frozen)
      throw new ImportRefused('--as names nobody who may import: an active administrator who is not frozen.')
    return account
  }

  /** Whoever may create customers at the gateway may be given some. */
  owner(username: string): Owner | undefined {
    const account = this.byName.get(signInNameOf(username))
    if (!account || account.status !== 'active') return undefined
    if (!mayEver({ ...account, policy: this.policy }, 'customer.create')) return undefined
    return { id: account.id, team: account.team, branch: account.branch, demo: account.demo }
  }
}
