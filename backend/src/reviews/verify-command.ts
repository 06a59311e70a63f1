import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { SignedReview } from '@custodia/contracts'
import { keyFileOf, readConfigFromEnvironment } from '../config.js'
import { openKeyFile } from '../vault/keys/key-file.js'
import { StartError } from '../cli/start-error.js'
import { fingerprintOf, isSignedBy, publicKeyOf } from './signed-result.js'

export const verifyReviewFlags = { file: { type: 'string' }, key: { type: 'string' } } as const

/** `custodia verify review`: whether a result is as it was signed, by this installation or by the one whose key was handed over. */
export async function verifyReview(flags: string[]): Promise<void> {
  const { values } = parseArgs({ args: flags, options: verifyReviewFlags })
  if (!values.file)
    throw new StartError('Name the file: custodia verify review --file <result.json> [--key <public key>].')
  const signed = await readSigned(values.file)
  const key = values.key ?? (await houseKey())
  if (!isSignedBy(signed, key)) {
    process.stderr.write('NOT as it was signed: the file was altered, or another installation signed it.\n')
    process.exitCode = 1
    return
  }
  const { people, complete, closed_at: closed } = signed.result
  const removed = people.filter(({ decision }) => decision === 'removed').length
  process.stdout.write(
    `as it was signed; key ${fingerprintOf(key)}\n` +
      `closed ${closed}, ${complete ? 'complete' : 'INCOMPLETE'}: ${people.length} people, ${removed} removed\n`,
  )
}

async function readSigned(file: string): Promise<SignedReview> {
  try {
    return SignedReview.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    throw new StartError(`${file} is not the result of an access review.`, { cause })
  }
}

async function houseKey(): Promise<string> {
  const file = keyFileOf(readConfigFromEnvironment())
  if (!existsSync(file)) throw new StartError(`There is no key file at ${file}: name the public key with --key.`)
  return publicKeyOf(await openKeyFile(file))
}
