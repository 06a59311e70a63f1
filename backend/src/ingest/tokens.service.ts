import { Inject, Injectable } from '@nestjs/common'
import type { InputOf, ReplyOf, routes } from '@custodia/contracts'
import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { bearerOf, hashOfToken, makeToken } from '../identity/token-secret.js'
import type { RecordStore } from '../record-store/record-store.js'
import { ingestTokens } from '../record-store/schema.js'
import { identityMapping, readMapping, type Mapping } from './mapping.js'

/** What a token stands for: one outside source, and how its events are read. */
export interface IngestSource {
  source: string
  mapping: Mapping
}

/** Tokens of outside sources. Random, 256 bits, looked up by their hash; shown once. */
@Injectable()
export class IngestTokensService {
  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  async sourceOf(authorization: string | undefined): Promise<IngestSource> {
    // Those from before tokens had a prefix go on working.
    const token = bearerOf(authorization)
    if (!token) throw new ProblemError('ingest_token_invalid')
    const [row] = await this.store.db
      .update(ingestTokens)
      .set({ lastUsedAt: sql`now()` })
      .where(and(eq(ingestTokens.tokenHash, hashOfToken(token)), isNull(ingestTokens.revokedAt)))
      .returning()
    if (!row) throw new ProblemError('ingest_token_invalid')
    return { source: row.source, mapping: mappingOf(row.mapping) }
  }

  async list(access: Access): Promise<ReplyOf<typeof routes.ingestTokens>> {
    const rows = await this.store.db.select().from(ingestTokens).orderBy(desc(ingestTokens.createdAt)).limit(200)
    await access.grant({ fields: ['ingest_tokens'], count: rows.length })
    const items = rows.map((row) => ({
      id: row.id,
      name: row.name,
      source: row.source,
      mapping: row.mapping ?? undefined,
      created_at: row.createdAt.toISOString(),
      last_used_at: row.lastUsedAt?.toISOString(),
      revoked_at: row.revokedAt?.toISOString(),
    }))
    return { items }
  }

  async create(
    access: Access,
    { body }: InputOf<typeof routes.ingestTokenCreate>,
  ): Promise<ReplyOf<typeof routes.ingestTokenCreate>> {
    if (body.source === 'custodia')
      throw new ProblemError('invalid_input', { errors: [{ path: 'body.source', message: 'is our own name' }] })
    mappingOf(body.mapping ?? null)
    const token = makeToken()
    const id = uuidv7()
    await this.store.db.transaction(async (tx) => {
      await tx
        .insert(ingestTokens)
        .values({ id, name: body.name, source: body.source, mapping: body.mapping, tokenHash: hashOfToken(token) })
      await access.grant({ record_id: id, reason: 'ingest token created' })
    })
    return { id, token }
  }

  async revoke(access: Access, id: string): Promise<void> {
    access.about({ record_id: id, reason: 'ingest token revoked' })
    await this.store.db.transaction(async (tx) => {
      const revoked = await tx
        .update(ingestTokens)
        .set({ revokedAt: sql`now()` })
        .where(and(eq(ingestTokens.id, id), isNull(ingestTokens.revokedAt)))
        .returning({ id: ingestTokens.id })
      if (!revoked.length) throw new ProblemError('not_found')
      await access.grant()
    })
  }
}

function mappingOf(text: string | null): Mapping {
  if (!text) return identityMapping
  const read = readMapping(text)
  if ('mapping' in read) return read.mapping
  throw new ProblemError('invalid_input', { errors: [{ path: 'body.mapping', message: read.problem.reason }] })
}
