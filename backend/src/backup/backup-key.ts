import { createHmac, hkdfSync } from 'node:crypto'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'

/**
 * What an installation's backups are encrypted with: a key pair in age's format. The system keeps the identity sealed by its
 * key provider; each backup carries it encrypted to the owner, who alone can open it once the system is gone.
 */
export interface BackupKey {
  identity: string
  recipient: string
}

/** Whom backups are for: somebody with an age identity of their own, or who knows a passphrase. */
export type Owner = { recipient: string } | { passphrase: string }
/** What the owner comes with to restore. */
export type OwnerSecret = { identity: string } | { passphrase: string }

/** Says that what the owner came with opens nothing here. */
export class WrongOwner extends Error {}

export async function newBackupKey(): Promise<BackupKey> {
  const identity = await generateX25519Identity()
  return { identity, recipient: await identityToRecipient(identity) }
}

/** The file `key.age` of a backup. */
export async function wrapForOwner(key: BackupKey, owner: Owner): Promise<Uint8Array> {
  const encrypter = new Encrypter()
  if ('recipient' in owner) encrypter.addRecipient(owner.recipient)
  else encrypter.setPassphrase(owner.passphrase)
  return encrypter.encrypt(`${key.identity}\n`)
}

export async function unwrapAsOwner(wrapped: Uint8Array, secret: OwnerSecret): Promise<BackupKey> {
  const decrypter = new Decrypter()
  try {
    if ('identity' in secret) decrypter.addIdentity(secret.identity)
    else decrypter.addPassphrase(secret.passphrase)
    const identity = (await decrypter.decrypt(wrapped, 'text')).trim()
    return { identity, recipient: await identityToRecipient(identity) }
  } catch (cause) {
    throw new WrongOwner(
      'The backup does not open with this identity or passphrase: use the one that CUSTODIA_BACKUP_RECIPIENT or CUSTODIA_BACKUP_PASSPHRASE named when it was made.',
      { cause },
    )
  }
}

/** What age's own tool would write. */
export async function encrypted(recipient: string, plaintext: Readable): Promise<AsyncIterable<Uint8Array>> {
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  return iterable(await encrypter.encrypt(Readable.toWeb(plaintext) as never))
}

export async function decrypted(identity: string, ciphertext: Readable): Promise<AsyncIterable<Uint8Array>> {
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  return iterable(await decrypter.decrypt(Readable.toWeb(ciphertext) as never))
}

/** Proves that whoever wrote this had the identity: encrypting needs only the recipient, which is no secret. */
export function macOf(key: BackupKey, bytes: Uint8Array): Buffer {
  const secret = Buffer.from(hkdfSync('sha256', key.identity, '', 'custodia backup manifest', 32))
  return createHmac('sha256', secret).update(bytes).digest()
}

const iterable = (stream: unknown): AsyncIterable<Uint8Array> => stream as ReadableStream<Uint8Array>
