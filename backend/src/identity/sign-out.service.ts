import { Inject, Injectable } from '@nestjs/common'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import type { RecordStore } from '../record-store/record-store.js'
import { endSessions } from './session-ends.js'

@Injectable()
export class SignOutService {
  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  /** Over with the commit: the next request with this cookie is nobody's. */
  async signOut(access: Access): Promise<void> {
    await this.store.db.transaction(async (tx) => {
      await endSessions(tx, [access.who.session], 'signed_out')
      await access.grant()
    })
  }
}
