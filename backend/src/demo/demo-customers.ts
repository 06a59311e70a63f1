import { Inject, Injectable } from '@nestjs/common'
import { count, eq } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CaptureService, type AccessFacts } from '../capture/capture.service.js'
import { ProblemError } from '../gateway/problem.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts, customers, photos } from '../record-store/schema.js'
import { checkPhoto } from '../vault/photos/check-photo.js'
import { VaultWriter, type NewCustomer } from '../vault/vault-writer.js'
import { honestStaff, insider } from './cast.js'
import { drawIdPhoto, type DemoPhotoKind } from './id-photo.js'
import { demoPerson } from './people.js'
import { customersTotal, DemoProgressStore } from './progress.js'

/** His come first, so that there is something to see soon: with the second number of them he starts. */
const insidersCustomers = 80
const temptingCustomers = 60
const day = 86_400_000

/** Draws and stores the demo customers, each with a consent and photos, and writes every creation down like any other. */
@Injectable()
export class DemoCustomers {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly capture: CaptureService,
    private readonly writer: VaultWriter,
    private readonly progress: DemoProgressStore,
  ) {}

  /** Goes on where an earlier start stopped. `onReady` is called once the insider has enough to be tempted by. */
  async load(signal: AbortSignal, onReady: () => void): Promise<void> {
    const owners = await this.owners()
    let made = await this.countOf(customers)
    let photoCount = await this.countOf(photos)
    if (made >= temptingCustomers) onReady()
    while (made < customersTotal && !signal.aborted) {
      const owner = made < insidersCustomers ? owners[0] : owners[1 + (made % (owners.length - 1))]
      if (!owner) throw new Error('the demo people are missing')
      photoCount += await this.make(made, owner)
      made++
      if (made === temptingCustomers) onReady()
      const going = made % 5 === 0 || made === customersTotal
      const value = {
        loading: made < customersTotal,
        customers: made,
        customers_total: customersTotal,
        photos: photoCount,
      }
      if (going && !(await this.progress.update(value))) return
    }
  }

  private async make(seed: number, owner: Owner): Promise<number> {
    const person = demoPerson(seed)
    const { name, id_number, phone, email, address, account_number, business_type, tags } = person
    const kinds: DemoPhotoKind[] = seed % 10 === 0 ? ['id_front', 'id_back', 'face'] : ['id_front', 'id_back']
    const consent = {
      given_at: new Date(Date.now() - (seed % 300) * day).toISOString(),
      information_types: [
        'basic',
        'contact',
        'id_number',
        'id_photo',
        'face',
        'financial',
      ] as NewCustomer['consent']['information_types'],
      purposes: ['identity_check', 'contract', 'complaint', 'compliance'] as NewCustomer['consent']['purposes'],
      way: (['pop_up', 'signature', 'paper'] as const)[seed % 3]!,
    }
    const input = { name, id_number, phone, email, address, account_number, business_type, tags, consent }
    let id: string
    try {
      id = await this.writer.createCustomer(input, { ...owner, demo: true }, async (_tx, row) => {
        await this.write('create', owner, { customer_id: row.id, count: 1 })
        return row.id
      })
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'conflict') return 0 // an invented number that exists already
      throw error
    }
    for (const kind of kinds) {
      const photo = await checkPhoto(await drawIdPhoto(kind, person, seed))
      const capturedAt = new Date(Date.now() - (seed % 300) * day)
      await this.writer.addPhoto({ customerId: id, kind, capturedAt, createdBy: owner.id, photo }, (_tx, row) =>
        this.write('photo_upload', owner, { customer_id: id, record_id: row.id, bytes: row.bytes, count: 1 }),
      )
    }
    return kinds.length
  }

  private async write(action: 'create' | 'photo_upload', owner: Owner, facts: AccessFacts): Promise<void> {
    const who = { actor: 'system', team: owner.team, branch: owner.branch, reason: 'demo data', demo: true }
    await this.capture.append([this.capture.build(action, 'granted', { ...who, ...facts })])
  }

  private async owners(): Promise<Owner[]> {
    const rows = await this.store.db.select().from(accounts).where(eq(accounts.demo, true))
    const named = (username: string) => rows.find((row) => row.username.replace(/^demo\./, '') === username)
    return [insider, ...honestStaff].flatMap(({ username }) => {
      const row = named(username)
      return row ? [{ id: row.id, team: row.team, branch: row.branch }] : []
    })
  }

  private async countOf(table: typeof customers | typeof photos): Promise<number> {
    const [row] =
      table === customers
        ? await this.store.db.select({ n: count() }).from(customers).where(eq(customers.demo, true))
        : await this.store.db
            .select({ n: count() })
            .from(photos)
            .innerJoin(customers, eq(customers.id, photos.customerId))
            .where(eq(customers.demo, true))
    return row?.n ?? 0
  }
}

interface Owner {
  id: string
  team: string
  branch: string
}
