import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import { newDataDir, startSystem, type RunningSystem, type SystemOptions } from '../../deploy/testing/system.js'

/** The whole system in a new directory, through which the database server's own user can pass. */
export async function startFresh(options: Omit<SystemOptions, 'dataDir'> = {}): Promise<RunningSystem> {
  const dataDir = newDataDir()
  chmodSync(dirname(dataDir), 0o711)
  return startSystem({ ...options, dataDir })
}
