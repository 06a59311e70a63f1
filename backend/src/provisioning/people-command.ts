import { readFile, rm, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { EVENT_LOG, KEY_PROVIDER, LOGGER, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { openRunningSystem } from '../cli/running-system.js'
import { StartError } from '../cli/start-error.js'
import { readConfigFromEnvironment } from '../config.js'
import { toCsv } from '../gateway/csv.js'
import { Administrators } from '../identity/administrators.js'
import { InvitationsService } from '../identity/invitations.service.js'
import { SecondPersons } from '../identity/second-persons.js'
import { GivenRights } from '../power/given-rights.js'
import { FreezesService } from '../response/freezes.service.js'
import { OutboxService } from '../response/outbox.service.js'
import { StaffTraits } from '../vault/relations/staff-traits.js'
import { LeaverBrake } from './leaver-brake.js'
import { Movers } from './movers.service.js'
import { readPeople } from './people-file.js'
import { administratorNamed, importPeople, type PeopleResult } from './people-import.js'

export const peopleFlags = {
  file: { type: 'string' },
  as: { type: 'string' },
  report: { type: 'string' },
  apply: { type: 'boolean', default: false },
} as const

const someRefused = 3

/** `custodia people import`: what the running gateways must cut, they hear within a second. */
export async function peopleCommand(flags: string[]): Promise<void> {
  const { file, as, apply, report = `${file}.report.csv` } = parseArgs({ args: flags, options: peopleFlags }).values
  if (!file || !as) throw new StartError('Say which file (--file) and in which administrator’s name (--as).')
  const lines = readPeople(
    await readFile(file, 'utf8').catch(() => Promise.reject(new StartError(`${file} cannot be read.`))),
  )
  const config = readConfigFromEnvironment()
  const app = await openRunningSystem(config)
  try {
    const store = app.get(RECORD_STORE)
    const capture = app.get(CaptureService)
    const outbox = new OutboxService(config, store, app.get(EVENT_LOG), app.get(LOGGER))
    const freezes = new FreezesService(store, outbox, new Administrators(config))
    const traits = new StaffTraits(app.get(KEY_PROVIDER))
    const invitations = new InvitationsService(store, config)
    const brake = new LeaverBrake(store, config, capture, outbox)
    const given = new GivenRights(config, new SecondPersons(config))
    const movers = new Movers(store, config, freezes, invitations, capture, traits, brake, given)
    const by = await administratorNamed(movers, as)
    if (!by) throw new StartError('--as is not the user name of an administrator.')
    const results = await importPeople({ movers, capture }, lines, { by, apply })
    await keepToOneself(report, asReport(results))
    tell(results, { apply, report })
  } finally {
    await app.close()
  }
}

/** It holds one-time links: for whoever ran this, and nobody else, whatever stood there before. */
async function keepToOneself(path: string, content: Buffer): Promise<void> {
  await rm(path, { force: true })
  await writeFile(path, content, { mode: 0o600, flag: 'wx' })
}

const asReport = (results: PeopleResult[]): Buffer =>
  toCsv([
    ['line', 'username', 'did', 'note'],
    ...results.map(({ line, username, did, note }) => [line, username, did, note]),
  ])

function tell(results: PeopleResult[], { apply, report }: { apply: boolean; report: string }): void {
  const count = (did: PeopleResult['did']) => results.filter((result) => result.did === did).length
  const would = apply ? '' : 'would be '
  process.stdout.write(
    `${count('joined')} ${would}joined, ${count('frozen')} ${would}frozen, ${count('told')} ${would}told of, ${count('nothing')} unchanged, ${count('refused')} refused.\n` +
      `Each line: ${report}${apply ? ' (with one-time links: hand each to its person and delete the file)' : ''}\n` +
      (apply ? '' : 'Nothing was changed: run the command again with --apply.\n'),
  )
  if (count('refused')) process.exitCode = someRefused
}
