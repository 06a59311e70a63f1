import { Inject, Injectable } from '@nestjs/common'
import type { InputOf, Person, powerRoutes } from '@custodia/contracts'
import { and, eq } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { Administrators } from '../identity/administrators.js'
import { isClaimed } from '../identity/has-come-in.js'
import { SecondPersons } from '../identity/second-persons.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { lockAccount } from '../response/account-lock.js'
import { loadPerson } from '../triage/person-rows.js'

/** Rights that one person alone gave count before their time, because another administrator knows whose they are. */
@Injectable()
export class DecidersService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly administrators: Administrators,
    private readonly seconds: SecondPersons,
  ) {}

  /** Confirms what they saw, and nothing that was given since: the time it names is that of the last change. */
  async confirm(access: Access, { params, body }: InputOf<typeof powerRoutes.deciderConfirm>): Promise<Person> {
    const { who } = access.about({ subject: params.id, fields: ['decides_from'] })
    if (params.id === who.id) throw new ProblemError('own_account')
    return this.store.serialisable(async (tx) => {
      if (!(await this.administrators.includes(tx, who.id))) throw new ProblemError('not_signed_in')
      const { decidesFrom, decidesGivenBy, demo } = await lockAccount(tx, params.id)
      if (decidesFrom?.toISOString() !== body.decides_from || decidesFrom.getTime() <= Date.now())
        throw new ProblemError('conflict')
      if (!decidesGivenBy)
        throw new ProblemError('second_person_required', {
          detail:
            'Another system gave this, or several one after another: nobody here is known to be another one. It waits.',
        })
      // Until then a one-time link is about, or a name to be claimed: whoever gave them may still be the one who comes.
      const [claimed] = await tx
        .select({ id: accounts.id })
        .from(accounts)
        .where(and(eq(accounts.id, params.id), isClaimed))
      if (!claimed)
        throw new ProblemError('conflict', { detail: 'This person has not come in yet: confirm them when they have.' })
      if (decidesGivenBy === who.id || demo !== who.demo) throw new ProblemError('second_person_required')
      await this.seconds.require(tx, who)
      await this.seconds.count(tx, params.id)
      await access.grant({ reason: 'confirmed' })
      return loadPerson(tx, params.id)
    }, access)
  }
}
