import { and, eq, inArray, ne } from 'drizzle-orm'
import { ProblemError } from '../../gateway/problem.js'
import { lockByName } from '../../record-store/lock-by-name.js'
import type { Queries } from '../../record-store/record-store.js'
import { customers, searchTokens } from '../../record-store/schema.js'
import { normalise, type Searchable, type SearchTokens, type TokenField } from './tokens.js'

/** Keeps the tokens of customers in step with their fields, in the transaction that changes these. */
export class CustomerIndex {
  constructor(private readonly tokens: SearchTokens) {}

  /** One customer per ID number and branch, also when two are created at the same moment. */
  async requireNew(tx: Queries, branch: string, idNumber: string, except = ''): Promise<void> {
    const token = this.tokens.token('id_number', 'whole', normalise(idNumber))
    await lockByName(tx, `${branch} ${token.toString('hex')}`)
    const [twin] = await tx
      .select({ id: customers.id })
      .from(searchTokens)
      .innerJoin(customers, eq(customers.id, searchTokens.customerId))
      .where(
        and(
          eq(searchTokens.field, 'id_number'),
          eq(searchTokens.token, token),
          eq(customers.branch, branch),
          ne(customers.id, except),
        ),
      )
    if (twin) throw new ProblemError('conflict')
  }

  /** Those of these numbers that a customer of the branch has, whole numbers only. */
  async withIdNumbers(tx: Queries, branch: string, idNumbers: readonly string[]) {
    const numberOf = new Map(
      idNumbers.map((number) => [this.tokens.token('id_number', 'whole', normalise(number)).toString('hex'), number]),
    )
    if (!numberOf.size) return new Map<string, { id: string; importId: string | null }>()
    const tokens = [...numberOf.keys()].map((token) => Buffer.from(token, 'hex'))
    const rows = await tx
      .select({ token: searchTokens.token, id: customers.id, importId: customers.importId })
      .from(searchTokens)
      .innerJoin(customers, eq(customers.id, searchTokens.customerId))
      .where(
        and(eq(searchTokens.field, 'id_number'), inArray(searchTokens.token, tokens), eq(customers.branch, branch)),
      )
    return new Map(rows.map(({ token, ...customer }) => [numberOf.get(token.toString('hex'))!, customer]))
  }

  async put(tx: Queries, customerId: string, values: Searchable): Promise<void> {
    const rows = this.tokens.of(values).map((token) => ({ customerId, ...token }))
    if (rows.length) await tx.insert(searchTokens).values(rows).onConflictDoNothing()
  }

  private async remove(tx: Queries, customerId: string, values: Searchable): Promise<void> {
    const fields: TokenField[] = (['name', 'id_number', 'phone', 'address'] as const).filter(
      (field) => values[field] !== undefined,
    )
    if (values.tags !== undefined) fields.push('tag')
    if (!fields.length) return
    await tx
      .delete(searchTokens)
      .where(and(eq(searchTokens.customerId, customerId), inArray(searchTokens.field, fields)))
  }

  /** Fields that are absent here keep their tokens. */
  async replace(tx: Queries, customerId: string, values: Searchable): Promise<void> {
    await this.remove(tx, customerId, values)
    await this.put(tx, customerId, values)
  }
}
