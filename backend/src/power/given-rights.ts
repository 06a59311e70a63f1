import { Inject, Injectable } from '@nestjs/common'
import type { Permission } from '@custodia/contracts'
import { CONFIG, type Config } from '../config.js'
import type { Account } from '../identity/account.js'
import { SecondPersons } from '../identity/second-persons.js'
import { presets } from '../gateway/policy-table.js'
import { localTime } from '../notices/words.js'
import type { Queries } from '../record-store/record-store.js'
import { raise } from '../response/raise.js'
import { newAdministratorAlert, newJudgeAlert, takenOutAlert, type Hands } from './told.js'

type Rights = Pick<Account, 'role' | 'status' | 'branch' | 'door'>
type WithRole = Pick<Account, 'role'>

const deciding: readonly Permission[] = ['approval.decide', 'approval.review', 'rule.approve', 'person.lift']
const has = (permission: Permission, { role }: WithRole): boolean =>
  presets.separation.rows[permission][role] !== undefined

/** May say yes to what others ask for. */
export const decides = (account: WithRole): boolean => deciding.some((permission) => has(permission, account))

/** What this role decides, or asks others to decide. */
const partsOf = (account: WithRole): Permission[] =>
  [...deciding, 'approval.request' as const].filter((permission) => has(permission, account))

export const takesPart = (account: WithRole): boolean => partsOf(account).length > 0

/** Whose decisions and requests do not go by branch. */
const isEverywhere = ({ role }: Rights): boolean => role === 'admin' || role === 'analyst'

/**
 * Newly, with more to decide or to ask for than before, by another door, opened again, or for another branch. A name, a team, a
 * trait gives nothing, and neither does what is taken away.
 */
const givesPower = (before: Rights | undefined, after: Rights): boolean =>
  after.status === 'active' &&
  takesPart(after) &&
  !(
    before?.status === 'active' &&
    partsOf(after).every((permission) => has(permission, before)) &&
    before.door === after.door &&
    (before.branch === after.branch || isEverywhere(after))
  )

/** Who may say no to a change of power; a manager may not, and is missed by whoever waits for their approval. */
const isOnDuty = ({ role, status }: Pick<Account, 'role' | 'status'>): boolean =>
  status === 'active' && (role === 'admin' || role === 'analyst')

/** That a waiting time began with a change, for its event. */
export const waitIn = (from: Date | undefined): string[] => (from ? ['decides_from'] : [])

export interface RightsChange {
  /** undefined: a new account */
  before: Account | undefined
  after: Account
  by: Hands
}

/**
 * Wherever one person alone gives or takes rights, in the transaction that does: power to decide what others ask begins after
 * the waiting time, everybody on duty hears from when, and who can no longer say no.
 */
@Injectable()
export class GivenRights {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'timeZone'>,
    private readonly seconds: SecondPersons,
  ) {}

  /** After the rows were written; from when what was given counts, undefined: at once, or nothing was. */
  async changed(tx: Queries, { before, after, by }: RightsChange): Promise<Date | undefined> {
    if (before && isOnDuty(before) && !isOnDuty(after)) await raise(tx, takenOutAlert(before, by))
    // Nobody comes in by it now. Who laid this way is remembered, for whoever opens the account later.
    const laid = after.door !== before?.door
    const later = laid && after.door !== 'password' && after.status !== 'active' && takesPart(after)
    if (later) return this.seconds.begin(tx, after.id, by.id, { laid })
    if (!givesPower(before, after)) return undefined
    const from = await this.seconds.begin(tx, after.id, by.id, { laid })
    // A group made them administrator: everything else that does takes two, and is told as a change of power.
    if (after.role === 'admin' && before?.role !== 'admin')
      await raise(tx, newAdministratorAlert(after, by, this.worded(from)))
    else if (decides(after)) await raise(tx, newJudgeAlert(after, by, this.worded(from)))
    return from
  }

  /** Whoever hands over the way into an account may take it themself. */
  async wayIn(tx: Queries, account: Account, by: Hands): Promise<Date | undefined> {
    if (!takesPart(account)) return undefined
    const from = await this.seconds.begin(tx, account.id, by.id, { laid: true })
    if (from && decides(account)) await raise(tx, newJudgeAlert(account, by, this.worded(from)))
    return from
  }

  private worded(from: Date | undefined): string | undefined {
    return from && localTime(from.toISOString(), this.config.timeZone)
  }
}
