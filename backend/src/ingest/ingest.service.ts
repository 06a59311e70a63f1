import { randomUUID } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import type { AccessEvent, ReplyOf, routes } from '@custodia/contracts'
import type { AuditStore } from '@custodia/streams/audit-store'
import type { EventLog } from '@custodia/streams/event-log'
import { and, eq, inArray, lt, sql } from 'drizzle-orm'
import { AUDIT_STORE, EVENT_LOG, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { Enricher } from '../capture/enricher.js'
import type { RecordStore } from '../record-store/record-store.js'
import { ingestSeen } from '../record-store/schema.js'
import { alreadyWritten } from './already-written.js'
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
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(AUDIT_STORE) private readonly audit: AuditStore,
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

  /**
   * Every id is marked before its event is appended, and marked as done with it. Where an append failed or a process died
   * in between, whoever sends the id again finds a mark that is not done, and the log tells whether it was written.
   */
  private async keep(source: string, events: AccessEvent[], reply: Reply): Promise<void> {
    if (!events.length) return
    const byId = new Map(events.map((event) => [event.id, event]))
    const attempt = randomUUID()
    await this.store.db.delete(ingestSeen).where(lt(ingestSeen.seenAt, sql`now() - interval '7 days'`))
    const begun = await this.store.db
      .insert(ingestSeen)
      .values([...byId.keys()].sort().map((eventId) => ({ source, eventId, done: false, attempt })))
      .onConflictDoUpdate({
        target: [ingestSeen.source, ingestSeen.eventId],
        set: { attempt },
        setWhere: eq(ingestSeen.done, false),
      })
      .returning({ eventId: ingestSeen.eventId, isNew: sql<boolean>`xmax = 0` })
    const kept = begun.length ? await this.appendOpen(source, byId, { attempt, begun }) : 0
    reply.accepted += kept
    reply.duplicates += events.length - kept
  }

  /** Appends what nobody else has; those who try the same ids at the same time wait for their rows. */
  private appendOpen(source: string, byId: Map<string, AccessEvent>, { attempt, begun }: Begun): Promise<number> {
    const ofSource = eq(ingestSeen.source, source)
    const isNew = new Set(begun.filter((row) => row.isNew).map((row) => row.eventId))
    return this.store.db.transaction(async (tx) => {
      const ids = begun.map((row) => row.eventId)
      const open = await tx
        .select({ eventId: ingestSeen.eventId, attempt: ingestSeen.attempt })
        .from(ingestSeen)
        .where(and(ofSource, inArray(ingestSeen.eventId, ids), eq(ingestSeen.done, false)))
        .orderBy(ingestSeen.eventId)
        .for('update')
      if (!open.length) return 0
      const doubtful = open.filter((row) => row.attempt !== attempt || !isNew.has(row.eventId))
      const written = await alreadyWritten(
        this.log,
        this.audit,
        doubtful.map((row) => row.eventId),
      )
      const kept = open.filter(({ eventId }) => !written.has(eventId)).flatMap(({ eventId }) => byId.get(eventId) ?? [])
      if (kept.length)
        await this.capture.append(
          kept.map((event) => ({ ...event, ...this.enricher.enrich(new Date(event.time), event) })),
        )
      const done = open.map((row) => row.eventId)
      await tx
        .update(ingestSeen)
        .set({ done: true })
        .where(and(ofSource, inArray(ingestSeen.eventId, done)))
      return kept.length
    })
  }
}

interface Begun {
  attempt: string
  begun: { eventId: string; isNew: boolean }[]
}
