import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'

/** A file that cannot be read is told of by who looks for files. */
const read = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

/** Whether two files that can be read are not a certificate and the key of this very one. */
export function isNoPair(certFile: string, keyFile: string): boolean {
  const [cert, key] = [read(certFile), read(keyFile)]
  if (!cert || !key) return false
  try {
    createSecureContext({ cert, key })
    return false
  } catch {
    return true
  }
}

/** Whether a file that can be read holds no certificate: TLS itself would pass over it in silence. */
export function isNoCertificate(file: string): boolean {
  const content = read(file)
  if (!content) return false
  try {
    new X509Certificate(content)
    return false
  } catch {
    return true
  }
}
