import { constants, setPriority } from 'node:os'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { AdaptersModule } from '../adapters.module.js'
import { openCalendar } from '../capture/calendar.js'
import { CaptureModule } from '../capture/capture.module.js'
import { StartError } from '../cli/start-error.js'
import { ConfigError, readConfigFromEnvironment, type Config } from '../config.js'
import { ArrivalsModule } from '../gateway/arrivals.module.js'
import { IdentityModule } from '../identity/identity.module.js'
import { createLogger, lastWords } from '../logger.js'
import { nestLogger } from '../nest-logger.js'
import { VaultModule } from '../vault/vault.module.js'
import { DemoAccounts } from './demo-accounts.js'
import { DemoCustomers } from './demo-customers.js'
import { DemoProgressStore } from './progress.js'
import { simulate } from './simulation.js'

/** The demo process: loads what is missing, then plays the staff. Started and stopped by the supervisor. */
@Module({})
class DemoProcessModule {
  static for(config: Config) {
    return {
      module: DemoProcessModule,
      imports: [AdaptersModule.for(config), CaptureModule, IdentityModule, ArrivalsModule, VaultModule],
      providers: [DemoAccounts, DemoCustomers, DemoProgressStore],
    }
  }
}

async function main(): Promise<void> {
  // Drawing photos is hard work and nobody waits for it: the gateway's answers come first.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  const config = readConfigFromEnvironment()
  const logger = createLogger(config.logLevel, 'demo')
  const app = await NestFactory.createApplicationContext(DemoProcessModule.for(config), {
    logger: nestLogger(logger),
    abortOnError: false,
  })
  const stop = new AbortController()
  const { signal } = stop
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, () => stop.abort())

  await app.get(DemoProgressStore).begin()
  const accounts = await app.get(DemoAccounts).install()
  process.send?.({ ready: true })
  const calendar = openCalendar({ file: config.calendarFile, timeZone: config.timeZone })
  let play = Promise.resolve()
  await app
    .get(DemoCustomers)
    .load(signal, () => (play = simulate({ origin: config.http.origin, accounts, calendar, logger, signal })))
  await play
  await app.close()
  process.exit(0)
}

main().catch((error: unknown) => {
  const expected = error instanceof ConfigError || error instanceof StartError
  process.stderr.write(`demo: ${expected ? error.message : lastWords(error)}\n`)
  process.exit(1)
})
