import { Inject, Injectable } from '@nestjs/common'
import type { AccessEvent, ReplyOf, routes } from '@custodia/contracts'
import { lt, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { Enricher } from '../capture/enricher.js'
import type { RecordStore } from '../record-store/record-store.js'
import { ingestSeen } from '../record-store/schema.js'
import { readLines } from './lines.js'
import { readLine } from './read-line.js'
import type { IngestSource } from './tokens.service.js'

type Reply = ReplyOf<typeof routes.ingestEvents>

const batchSize = 1000
const mostReported = 1000

/** Takes in what outside systems saw. Good lines are kept whatever the others are like; an id counts once in 7 days. */
@Injectable()
export class IngestService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly capture: CaptureService,
    private readonly enricher: Enricher,
  ) {}

  async ingest({ source, mapping }: IngestSource, body: AsyncIterable<Uint8Array>): Promise<Reply> {
    const reply: Reply = { accepted: 0, duplicates: 0, rejected: [] }
    const reject = (line: number, code: string, reason: string) => {
      if (reply.rejected.length < mostReported) reply.rejected.push({ line, code, reason })
    }
    let batch: AccessEvent[] = []
    for await (const { number, text } of readLines(body)) {
      if (text === undefined) {
        reject(number, 'line_too_long', 'The line is longer than 64 kB.')
        continue
      }
      const read = readLine(text, source, mapping, Date.now())
      if ('problem' in read) reject(number, read.problem.code, read.problem.reason)
      else batch.push(read.event)
      if (batch.length < batchSize) continue
      await this.keep(source, batch, reply)
      batch = []
    }
    await this.keep(source, batch, reply)
    return reply
  }

  /** Marks the ids as seen and appends the new events: both or neither, as far as a crash in between allows. */
  private async keep(source: string, events: AccessEvent[], reply: Reply): Promise<void> {
    if (!events.length) return
    const byId = new Map(events.map((event) => [event.id, event]))
    const fresh = await this.store.db.transaction(async (tx) => {
      await tx.delete(ingestSeen).where(lt(ingestSeen.seenAt, sql`now() - interval '7 days'`))
      const marked = await tx
        .insert(ingestSeen)
        .values([...byId.keys()].sort().map((eventId) => ({ source, eventId })))
        .onConflictDoNothing()
        .returning({ eventId: ingestSeen.eventId })
      const isNew = new Set(marked.map((row) => row.eventId))
      const kept = [...byId.values()].filter((event) => isNew.has(event.id))
      if (kept.length)
        await this.capture.append(
          kept.map((event) => ({ ...event, ...this.enricher.enrich(new Date(event.time), event.ip) })),
        )
      return kept.length
    })
    reply.accepted += fresh
    reply.duplicates += events.length - fresh
  }
}
