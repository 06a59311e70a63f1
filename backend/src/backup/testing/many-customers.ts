import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { CaptureService } from '../../capture/capture.service.js'
import { drawIdPhoto } from '../../demo/id-photo.js'
import { demoPerson } from '../../demo/people.js'
import { ProblemError } from '../../gateway/problem.js'
import type { Account } from '../../identity/account.js'
import { checkPhoto, type CheckedPhoto } from '../../vault/photos/check-photo.js'
import { aConsent } from '../../vault/testing/requests.js'
import { VaultWriter } from '../../vault/vault-writer.js'

const atOnce = 10
const drawings = 8

/** Customers of this owner, each with a consent and a drawn photo, written down like any other. Drawing is slow: a few serve all. */
export async function addCustomers(app: NestFastifyApplication, owner: Account, wanted: number): Promise<void> {
  const [writer, capture] = [app.get(VaultWriter), app.get(CaptureService)]
  const drawn: CheckedPhoto[] = []
  for (let seed = 0; seed < Math.min(drawings, wanted); seed++)
    drawn.push(await checkPhoto(await drawIdPhoto('id_front', demoPerson(seed), seed)))

  const add = async (seed: number): Promise<void> => {
    const { name, phone, email, address, account_number, business_type, tags, id_number } = demoPerson(seed)
    const input = { name, id_number, phone, email, address, account_number, business_type, tags }
    const photo = drawn[seed % drawn.length]!
    try {
      await writer.createCustomer(
        { ...input, consent: aConsent() },
        owner,
        async (_tx, row) => {
          const facts = { actor: owner.id, customer_id: row.id, count: 1 }
          await capture.append([capture.build('create', 'granted', facts)])
        },
        { photos: [{ kind: 'id_front', capturedAt: new Date(), createdBy: owner.id, photo }] },
      )
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== 'conflict') throw error // an invented number that exists already
    }
  }
  for (let seed = 0; seed < wanted; seed += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, wanted - seed) }, (_, i) => add(seed + i)))
}
