import { parseArgs } from 'node:util'
import { and, eq } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { openRunningSystem } from '../cli/running-system.js'
import { StartError } from '../cli/start-error.js'
import { readConfigFromEnvironment } from '../config.js'
import { hasSignInName } from '../identity/account.js'
import { clearFactors } from '../identity/factor-reset.js'
import { InvitationsService } from '../identity/invitations.service.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { raise } from '../response/raise.js'
import { systemAlert } from '../response/system-alert.js'

export const administratorFlags = { username: { type: 'string' } } as const

interface House {
  store: RecordStore
  capture: CaptureService
  invitations: InvitationsService
}

/** `custodia administrator reset`: for whoever has the server, when the sealed envelope is gone as well. */
export async function administratorCommand(flags: string[]): Promise<void> {
  const { username } = parseArgs({ args: flags, options: administratorFlags }).values
  if (!username) throw new StartError('Say which administrator: --username and the name that they sign in with.')
  const config = readConfigFromEnvironment()
  const app = await openRunningSystem(config)
  try {
    const store = app.get<RecordStore>(RECORD_STORE)
    const link = await resetAdministrator(
      {
        store,
        capture: app.get(CaptureService),
        invitations: new InvitationsService(store, config),
      },
      username,
    )
    process.stdout.write(`Their factors have ended, and everybody on duty is told. Within 24 hours, once: ${link}\n`)
  } finally {
    await app.close()
  }
}

/** Everything the administrator signs in with ends; returns the link that takes its place. As loud as the sealed code. */
export async function resetAdministrator(house: House, username: string): Promise<string> {
  return house.store.db.transaction(async (tx) => {
    const [account] = await tx
      .select()
      .from(accounts)
      .where(and(hasSignInName(username), eq(accounts.role, 'admin'), eq(accounts.status, 'active')))
      .for('update')
    if (!account) throw new StartError('There is no open account of an administrator with this name.')
    await clearFactors(tx, account.id, null)
    // The provider or the directory may be what is lost.
    const door = { door: 'password', doorSubject: null } as const
    await tx.update(accounts).set(door).where(eq(accounts.id, account.id))
    const { link } = await house.invitations.issue(tx, { ...account, ...door }, 'system')
    const facts = { actor: 'system', subject: account.id, factor: 'invitation', reason: 'reset at the server' } as const
    const event = house.capture.build('factor_change', 'granted', facts)
    const alert = systemAlert({
      rule: 'break-glass',
      title: 'An administrator was reset at the server',
      text: {
        en: `Somebody with access to the server has reset what ${account.displayName} signs in with. Find out at once who, and why.`,
        zh: `有人在服务器上重置了 ${account.displayName} 的登录验证方式。请立即查明是谁及原因。`,
      },
      eventId: event.id,
      actor: account.id,
      at: new Date(),
      demo: account.demo || undefined,
    })
    await raise(tx, alert)
    await house.capture.append([event])
    return link
  })
}
