import { statSync } from 'node:fs'
import { keyFileOf, type Config } from '../../config.js'
import { openKeyFile } from '../../vault/keys/key-file.js'
import { fail, ok, warn, type Check } from './finding.js'

export const keysFile = (config: Config): Check => ({
  name: 'keys',
  otherwise: 'put the backup of the key file in its place, for its owner alone (chmod 600)',
  run: async () => {
    const path = keyFileOf(config)
    const found = statSync(path, { throwIfNoEntry: false })
    if (!found)
      return [
        warn(`${path} is not there`, 'the first gateway makes it; for records that exist, restore it from its backup'),
      ]
    const us = process.getuid?.()
    if (us !== undefined && us !== 0 && found.uid !== us)
      return [fail(`${path} belongs to user ${found.uid}`, `chown ${us} ${path}`)]
    const keys = await openKeyFile(path)
    return [ok(`${path}, mode ${(found.mode & 0o777).toString(8)}; key ${keys.currentKeyId} wraps`)]
  },
})
