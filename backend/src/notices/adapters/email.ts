import { isIP } from 'node:net'
import { createTransport } from 'nodemailer'
import { destinationOf } from '../net/destination.js'
import { delivered, lost, refused, retry, type Outcome } from '../outcome.js'
import { wordsOf } from '../words.js'
import type { Adapter, ConfigOf } from './adapter.js'

interface Mail {
  server: Omit<ConfigOf<'email'>, 'kind' | 'from' | 'to'>
  mail: {
    from: string
    to: string[]
    subject: string
    text: string
    messageId: string
    headers: Record<string, string>
  }
}

/** A mail server. The same notice has the same Message-ID at every attempt. */
export const email: Adapter<ConfigOf<'email'>, Mail> = {
  render: (message, language, { from, to, host, port, security, user, password }) => {
    const { subject, lines, link } = wordsOf(message, language)
    return {
      server: { host, port, security, user, password },
      mail: {
        from,
        to,
        subject,
        text: [...lines, '', link, ''].join('\n'),
        messageId: `<${message.id}@custodia>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      },
    }
  },

  send: async ({ server, mail }, { addresses, timeoutMs }) => {
    const { host, port, security, user, password } = server
    const found = await destinationOf(host, addresses, security !== 'none')
    if ('failed' in found) return found.failed
    const transport = createTransport({
      host: found.to.address, // the one that was examined
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      tls: isIP(host) ? {} : { servername: host },
      auth: user ? { user, pass: password ?? '' } : undefined,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    try {
      await transport.sendMail(mail)
      return delivered
    } catch (error) {
      return judge(error)
    } finally {
      transport.close()
    }
  },
}

/** 4xx: come again; 5xx: never. Of a server's answer only its number is kept. */
function judge(error: unknown): Outcome {
  const { responseCode, code } = error as { responseCode?: unknown; code?: unknown }
  if (typeof responseCode === 'number')
    return responseCode >= 500 ? refused(`SMTP ${responseCode}`) : retry(`SMTP ${responseCode}`)
  if (code === 'EENVELOPE' || code === 'EAUTH') return refused(code)
  return code === 'ETIMEDOUT' ? retry('timed out') : lost(error)
}
