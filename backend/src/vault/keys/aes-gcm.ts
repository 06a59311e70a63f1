import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { KeyError } from './key-provider.js'

const ivLength = 12
const tagLength = 16

/* Keys go in as key objects: given as bytes, Node takes five times as long for each small value. */

/** AES-256-GCM under a random nonce: nonce, ciphertext, tag. `aad` is bound to it and not stored. */
export function encrypt(key: Buffer, plaintext: Uint8Array, aad: Buffer): Buffer {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), iv, { authTagLength: tagLength }).setAAD(aad)
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** Throws KeyError unless key, bytes and `aad` are those of the encryption. */
export function decrypt(key: Buffer, sealed: Buffer, aad: Buffer): Buffer {
  if (sealed.length < ivLength + tagLength) throw new KeyError('What should be decrypted is cut short.')
  const iv = sealed.subarray(0, ivLength)
  const tag = sealed.subarray(-tagLength)
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), iv, { authTagLength: tagLength })
    .setAAD(aad)
    .setAuthTag(tag)
  const plaintext = decipher.update(sealed.subarray(ivLength, -tagLength))
  try {
    decipher.final()
  } catch (cause) {
    plaintext.fill(0) // not proven genuine: nobody may see it
    throw new KeyError('What should be decrypted was altered, or belongs elsewhere.', { cause })
  }
  return plaintext
}
