import { existsSync } from 'node:fs'
import { Module, type INestApplicationContext } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { AdaptersModule } from '../adapters.module.js'
import { CaptureModule } from '../capture/capture.module.js'
import { StartError } from './start-error.js'
import { keyFileOf, type Config } from '../config.js'
import { createLogger } from '../logger.js'
import { nestLogger } from '../nest-logger.js'

@Module({})
class Stores {
  static for(config: Config) {
    return { module: Stores, imports: [AdaptersModule.for(config), CaptureModule] }
  }
}

/** Looked at before anything is opened: a wrong data directory must not get a log and keys of its own. */
export function requireInstallation(config: Config): void {
  if (!existsSync(keyFileOf(config)))
    throw new StartError(
      `There is no installation in ${config.dataDir}: set CUSTODIA_DATA_DIR to that of the running system.`,
    )
}

/** The stores of the running system and the way to write events, without its rooms. */
export async function openRunningSystem(config: Config): Promise<INestApplicationContext> {
  requireInstallation(config)
  const logger = nestLogger(createLogger(config.logLevel, 'custodia'))
  return NestFactory.createApplicationContext(Stores.for(config), { logger, abortOnError: false }).catch(
    (cause: unknown) => {
      if (!(cause instanceof StartError)) throw cause
      throw new StartError(`The running system cannot be reached: start it first. ${cause.message}`, { cause })
    },
  )
}
