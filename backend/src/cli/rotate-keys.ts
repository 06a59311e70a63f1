import { openKeys, openPhotoStore, openRecordStore } from '../adapters.module.js'
import { createLogger } from '../logger.js'
import { keyFileOf, type Config } from '../config.js'
import { addWrappingKey } from '../vault/keys/key-file.js'
import { rewrapEverything } from '../vault/rewrap.js'
import { StartError } from './start-error.js'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** A new wrapping key, and every data key wrapped by it; the system goes on running. */
export async function rotateKeys(config: Config): Promise<void> {
  const logger = createLogger('silent', 'keys')
  const store = await openRecordStore(config, logger).catch((cause: unknown) => {
    throw new StartError('The record store does not answer: start the system, then run this again.', { cause })
  })
  try {
    const keys = await openKeys(config, store) // of these records: nothing is added to somebody else's file
    const photoStore = await openPhotoStore(config)
    const id = await addWrappingKey(keyFileOf(config))
    say(
      `Key ${id} wraps from now on. Back up ${keyFileOf(config)} now: without it nothing of what follows can be read.`,
    )
    const done = await rewrapEverything({ store, photoStore, keys })
    const { customers, secrets, channels, photos } = done
    say(
      `Wrapped anew: ${customers} customers, ${secrets} second factors, ${channels} notice channels, ${photos} photo objects.`,
    )
    say('Earlier keys stay in the file: backups made before today need them.')
  } finally {
    await store.close()
  }
}
