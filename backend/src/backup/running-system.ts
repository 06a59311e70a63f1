import { existsSync } from 'node:fs'
import { Module, type INestApplicationContext } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { AdaptersModule } from '../adapters.module.js'
import { CaptureModule } from '../capture/capture.module.js'
import { StartError } from '../cli/start-error.js'
import { keyFileOf, type Config } from '../config.js'

@Module({})
class Stores {
  static for(config: Config) {
    return { module: Stores, imports: [AdaptersModule.for(config), CaptureModule] }
  }
}

/** The stores of the running system and the way to write events, without its rooms. */
export async function openRunningSystem(config: Config): Promise<INestApplicationContext> {
  if (!existsSync(keyFileOf(config)))
    throw new StartError(
      `There is no installation in ${config.dataDir}: set CUSTODIA_DATA_DIR to that of the running system.`,
    )
  return NestFactory.createApplicationContext(Stores.for(config), { logger: ['error'], abortOnError: false }).catch(
    (cause: unknown) => {
      throw new StartError(`The running system cannot be reached: start it first (custodia start). ${String(cause)}`, {
        cause,
      })
    },
  )
}
