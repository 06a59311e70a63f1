import { Inject, Injectable } from '@nestjs/common'
import { RECORD_STORE } from '../../adapters.js'
import type { Access } from '../../gateway/access.js'
import { ProblemError } from '../../gateway/problem.js'
import type { RecordStore } from '../../record-store/record-store.js'
import { actorFacts } from '../account.js'
import { endSessionsAtProvider } from '../session-ends.js'
import { OidcService } from './oidc.service.js'
import { OutsidePeople } from './outside-people.js'

/** Two clocks differ: what began here a moment after the provider said so had begun before it there. */
const skewMs = 60_000

/** The provider tells that somebody signed out there, or was closed: what they have here ends with it. */
@Injectable()
export class ProviderLogoutService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly oidc: OidcService,
    private readonly people: OutsidePeople,
  ) {}

  async hear(access: Access, token: string): Promise<void> {
    access.about({ factor: 'oidc' })
    const logout = await this.oidc.readLogout(token)
    if (!logout) throw new ProblemError('invalid_input', { detail: 'This is no logout token of the provider for us.' })
    const subject = logout.sub && (await this.oidc.subjectOf(logout.sub))
    await this.store.db.transaction(async (tx) => {
      const account = await this.people.behind(tx, { subject, sid: logout.sid })
      if (account) access.about({ ...actorFacts(account), subject: account.id })
      const before = new Date(logout.iat * 1000 + skewMs)
      const ended = account ? await endSessionsAtProvider(tx, account.id, { sid: logout.sid, before }) : []
      // Nobody's here, or over already: the provider has done its part.
      await access.grant({ reason: 'signed out at the provider', count: ended.length })
    })
  }
}
