import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { connect, type PeerCertificate } from 'node:tls'
import type { Config } from '../../config.js'
import { fail, ok, warn, type Check, type Outcome } from './finding.js'

const patienceMs = 4000
const dayMs = 24 * 60 * 60 * 1000

/** The address people type, and the certificate that they are shown there. */
export const web = ({ http }: Config): Check => ({
  name: 'PUBLIC_URL',
  otherwise:
    'see that TLS_CERT and TLS_KEY name the files of a certificate and its key, or that the proxy in front runs',
  run: async () => {
    const { hostname, protocol, port } = new URL(http.origin)
    if (http.tls) return ownCertificate(http.tls, hostname)
    if (protocol === 'http:')
      return [
        hostname === 'localhost'
          ? ok(`${http.origin}, for this machine alone`)
          : fail(
              `${http.origin} is not encrypted`,
              'set PUBLIC_URL to the https address of the proxy in front: passkeys need it',
            ),
      ]
    return shownCertificate(hostname, Number(port || 443))
  },
})

function ownCertificate(tls: { cert: string; key: string }, hostname: string): Outcome[] {
  const certificate = new X509Certificate(readFileSync(tls.cert))
  const { mode } = statSync(tls.key)
  const found = validity(certificate.validFromDate, certificate.validToDate)
  if (!certificate.checkHost(hostname))
    found.unshift(fail(`the certificate does not name ${hostname}`, 'order one for the host of PUBLIC_URL'))
  if (mode & 0o007)
    found.push(warn(`the key can be read by everybody (mode ${(mode & 0o777).toString(8)})`, `chmod 640 ${tls.key}`))
  return found
}

/** What a visitor's browser would be shown, where something in front of us ends TLS. */
const shownCertificate = (host: string, port: number): Promise<Outcome[]> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, servername: host, rejectUnauthorized: false, timeout: patienceMs }, () => {
      const shown: PeerCertificate = socket.getPeerCertificate()
      const found = validity(new Date(shown.valid_from), new Date(shown.valid_to))
      if (!socket.authorized)
        found.unshift(
          fail(
            `browsers refuse its certificate: ${socket.authorizationError.message}`,
            'renew it, or send its whole chain',
          ),
        )
      socket.destroy()
      resolve(found)
    })
    socket.once('error', reject)
    socket.once('timeout', () => socket.destroy(new Error(`${host}:${port} does not answer`)))
  })

function validity(from: Date, until: Date, now = Date.now()): Outcome[] {
  const days = Math.floor((until.getTime() - now) / dayMs)
  if (from.getTime() > now)
    return [fail(`the certificate is valid from ${from.toISOString()} on`, "set this machine's clock, or wait")]
  if (days < 0)
    return [fail(`the certificate ended ${until.toISOString()}`, 'renew it, then restart the gateways one by one')]
  if (days < 21) return [warn(`the certificate ends in ${days} days`, 'renew it, then restart the gateways one by one')]
  return [ok(`the certificate is valid for ${days} more days`)]
}
