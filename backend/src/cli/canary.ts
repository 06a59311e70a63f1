import { parseArgs } from 'node:util'
import { eq } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { readConfigFromEnvironment } from '../config.js'
import type { RecordStore } from '../record-store/record-store.js'
import { customers } from '../record-store/schema.js'
import { openRunningSystem } from './running-system.js'
import { StartError } from './start-error.js'

export const canaryFlags = { customer: { type: 'string' }, off: { type: 'boolean', default: false } } as const

/** `custodia canary`: makes a customer a decoy, or an ordinary one again. Pages and clerks are told of neither. */
export async function canaryCommand(flags: string[]): Promise<void> {
  const { customer, off } = parseArgs({ args: flags, options: canaryFlags }).values
  if (!customer)
    throw new StartError('Say which customer: --customer and the id that stands in the address of its page.')
  const app = await openRunningSystem(readConfigFromEnvironment())
  try {
    await setCanary(app.get(RECORD_STORE), app.get(CaptureService), { customer, canary: !off })
  } finally {
    await app.close()
  }
  process.stdout.write(off ? 'It is an ordinary customer again.\n' : 'It is a decoy from now on.\n')
}

export async function setCanary(
  store: RecordStore,
  capture: CaptureService,
  { customer, canary }: { customer: string; canary: boolean },
): Promise<void> {
  await store.db.transaction(async (tx) => {
    const changed = await tx.update(customers).set({ canary }).where(eq(customers.id, customer)).returning()
    if (!changed.length) throw new StartError('There is no customer with this id.')
    const facts = { actor: 'system', customer_id: customer, fields: ['canary'], reason: canary ? 'set' : 'ended' }
    await capture.append([capture.build('admin', 'granted', facts)])
  })
}
