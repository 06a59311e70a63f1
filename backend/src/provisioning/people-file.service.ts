import { Injectable } from '@nestjs/common'
import { peopleFileMost, type PeopleLineResult, type peopleFileRoutes, type ReplyOf } from '@custodia/contracts'
import { CsvError } from 'csv-parse/sync'
import { and, eq } from 'drizzle-orm'
import { CaptureService } from '../capture/capture.service.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { stillAllowed } from '../record-store/live-session.js'
import type { Queries } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { OutboxService } from '../response/outbox.service.js'
import { Movers } from './movers.service.js'
import { readPeople, type PeopleLine } from './people-file.js'
import { importPeople, type PeopleResult } from './people-import.js'

type Results = ReplyOf<typeof peopleFileRoutes.peopleFileCheck>

/** A file of joiners and leavers from an administrator's page: as the command does it, but never about administrators. */
@Injectable()
export class PeopleFileService {
  constructor(
    private readonly movers: Movers,
    private readonly capture: CaptureService,
    private readonly outbox: OutboxService,
  ) {}

  async check(access: Access, csv: string): Promise<Results> {
    const lines = linesOf(csv)
    const results = await this.run(access, lines, false)
    await access.grant({ fields: ['people_file'], count: lines.length, reason: 'checked' })
    return results
  }

  /** Written down before the first line: each has an event of its own besides. */
  async apply(access: Access, csv: string): Promise<Results> {
    const lines = linesOf(csv)
    await requireStanding(this.movers.store.db, access)
    await access.grant({ fields: ['people_file'], count: lines.length, reason: 'people file' })
    try {
      return await this.run(access, lines, true)
    } finally {
      this.outbox.kick() // whoever left is cut off now, also where a later line failed
    }
  }

  private async run(access: Access, lines: readonly PeopleLine[], apply: boolean): Promise<Results> {
    const { movers, capture } = this
    const stillMay = (tx: Queries) => requireStanding(tx, access)
    const order = { by: access.who, apply, inPerson: true, stillMay }
    return { items: (await importPeople({ movers, capture }, lines, order)).map(asLine) }
  }
}

function linesOf(csv: string): PeopleLine[] {
  const lines = readWhole(csv)
  if (lines.length > peopleFileMost.lines)
    throw refused(`More than ${peopleFileMost.lines} lines: take several files, or \`custodia people import\`.`)
  return lines
}

function readWhole(csv: string): PeopleLine[] {
  try {
    return readPeople(csv)
  } catch (error) {
    throw error instanceof CsvError ? refused(`This is no CSV: ${error.message}`) : error
  }
}

const refused = (message: string) =>
  new ProblemError('invalid_input', { detail: message, errors: [{ path: 'body.csv', message }] })

/** The door's answer may be older than a freeze: in each line's transaction it is not. */
async function requireStanding(tx: Queries, { who }: Access): Promise<void> {
  const [mine] = await tx
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(eq(accounts.id, who.id), stillAllowed(who)))
  if (!mine) throw new ProblemError('not_signed_in')
}

const asLine = ({ note: _words, ...line }: PeopleResult): PeopleLineResult => line
