import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** Sources name each other as they will be called when they are compiled: `./x.js` is `x.ts` here, and in no package. */
export const sync = (path, options) => {
  if (path.startsWith('.') && path.endsWith('.js') && !options.basedir.includes('/node_modules/')) {
    const source = resolve(options.basedir, `${path.slice(0, -3)}.ts`)
    if (existsSync(source)) return source
  }
  return options.defaultResolver(path, options)
}
