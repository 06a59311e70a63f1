import crypto from 'k6/crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 base32 → bytes. */
function decode(base32) {
  let bits = ''
  for (const c of base32.replace(/=+$/, '')) bits += alphabet.indexOf(c).toString(2).padStart(5, '0')
  return new Uint8Array(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
}

/** The RFC 6238 code of a moment: SHA-1, six digits, 30 seconds. */
export function totp(secret, now = Date.now()) {
  const counter = new DataView(new ArrayBuffer(8))
  counter.setUint32(4, Math.floor(now / 30_000))
  const mac = new DataView(crypto.hmac('sha1', decode(secret).buffer, counter.buffer, 'binary'))
  const offset = mac.getUint8(19) & 15
  return String((mac.getUint32(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
