import { createHash, createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'

/** What a ceremony is about; tests twist one of these at a time. */
export interface CeremonyContext {
  challenge: string
  origin: string
  rpId: string
  userVerified?: boolean
  /** signature counter to report; by default it grows with every use */
  counter?: number
  /** AAGUID to claim, with an attestation that the passkey signs itself */
  model?: string
}

const base64url = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url')
const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest()

/** A passkey in software: ES256, attestation `none`. Follows WebAuthn Level 3, sections 6.1 (data) and 6.5 (attestation). */
export class SoftwareAuthenticator {
  readonly credentialId = randomBytes(32)
  private readonly privateKey: KeyObject
  private readonly publicKey: KeyObject
  private used = 0

  constructor() {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.privateKey = pair.privateKey
    this.publicKey = pair.publicKey
  }

  /** What `navigator.credentials.create()` would answer. */
  register(context: CeremonyContext): Record<string, unknown> {
    const clientData = clientDataOf('webauthn.create', context)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(this.credentialId.length)
    const model = Buffer.from(context.model?.replaceAll('-', '') ?? '00'.repeat(16), 'hex')
    const attested = Buffer.concat([model, length, this.credentialId, this.coseKey()])
    const authData = Buffer.concat([this.dataOf(context, 0x40), attested])
    const signed = createSign('sha256').update(Buffer.concat([authData, sha256(clientData)]))
    const statement: [Buffer, Buffer][] = context.model
      ? [
          [cborText('alg'), cborInt(-7)],
          [cborText('sig'), cborBytes(signed.sign(this.privateKey))],
        ]
      : []
    const attestationObject = cborMap([
      [cborText('fmt'), cborText(context.model ? 'packed' : 'none')],
      [cborText('attStmt'), cborMap(statement)],
      [cborText('authData'), cborBytes(authData)],
    ])
    return this.credential({
      clientDataJSON: base64url(clientData),
      attestationObject: base64url(attestationObject),
      transports: ['internal'],
    })
  }

  /** What `navigator.credentials.get()` would answer. */
  sign(context: CeremonyContext): Record<string, unknown> {
    const clientData = clientDataOf('webauthn.get', context)
    const authData = this.dataOf(context, 0)
    const signature = createSign('sha256')
      .update(Buffer.concat([authData, sha256(clientData)]))
      .sign(this.privateKey)
    return this.credential({
      clientDataJSON: base64url(clientData),
      authenticatorData: base64url(authData),
      signature: base64url(signature),
    })
  }

  private credential(response: Record<string, unknown>): Record<string, unknown> {
    const id = base64url(this.credentialId)
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response }
  }

  /** RP id hash, flags (present, verified, and `more`), counter. */
  private dataOf({ rpId, userVerified = true, counter = ++this.used }: CeremonyContext, more: number): Buffer {
    const tail = Buffer.alloc(5)
    tail.writeUInt8(0x01 | (userVerified ? 0x04 : 0) | more)
    tail.writeUInt32BE(counter, 1)
    return Buffer.concat([sha256(rpId), tail])
  }

  /** RFC 9052: kty EC2, alg ES256, curve P-256, x, y. */
  private coseKey(): Buffer {
    const { x = '', y = '' } = this.publicKey.export({ format: 'jwk' })
    return cborMap([
      [cborInt(1), cborInt(2)],
      [cborInt(3), cborInt(-7)],
      [cborInt(-1), cborInt(1)],
      [cborInt(-2), cborBytes(Buffer.from(x, 'base64url'))],
      [cborInt(-3), cborBytes(Buffer.from(y, 'base64url'))],
    ])
  }
}

const clientDataOf = (type: string, { challenge, origin }: CeremonyContext): Buffer =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))

/** RFC 8949, as much of it as the ceremonies need. */
function cborHead(major: number, n: number): Buffer {
  if (n < 24) return Buffer.of((major << 5) | n)
  if (n < 0x100) return Buffer.of((major << 5) | 24, n)
  return Buffer.of((major << 5) | 25, n >> 8, n & 0xff)
}
const cborInt = (n: number): Buffer => (n < 0 ? cborHead(1, -1 - n) : cborHead(0, n))
const cborBytes = (bytes: Uint8Array): Buffer => Buffer.concat([cborHead(2, bytes.length), bytes])
const cborText = (text: string): Buffer => Buffer.concat([cborHead(3, Buffer.byteLength(text)), Buffer.from(text)])
const cborMap = (entries: [Buffer, Buffer][]): Buffer => Buffer.concat([cborHead(5, entries.length), ...entries.flat()])
