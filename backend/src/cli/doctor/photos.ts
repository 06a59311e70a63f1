import { existsSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { openPhotoStore } from '../../adapters.module.js'
import type { Config } from '../../config.js'
import { fail, notYet, ok, type Check } from './finding.js'

/** Puts, reads back and deletes an object of its own. */
export const photos = (config: Config): Check => ({
  name: 'photo store',
  otherwise: 'see that this user may put, get and delete objects there, and what CUSTODIA_S3_* say',
  run: async () => {
    if (!config.s3 && !existsSync(join(config.dataDir, 'photos'))) return [notYet]
    const store = await openPhotoStore(config)
    await store.check()
    const [key, content] = [`doctor-probe-${randomUUID()}`, Buffer.from(randomUUID())]
    await store.put(key, content)
    const read = await store.get(key).then(({ stream }) => buffer(stream))
    await store.delete(key)
    return [
      read.equals(content)
        ? ok('an object was put, read back and deleted')
        : fail('an object came back altered', 'do not use this store'),
    ]
  },
})
