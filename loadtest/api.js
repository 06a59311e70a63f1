import http from 'k6/http'
import { totp } from './totp.js'

const base = `${__ENV.ORIGIN}/api/v1`

/** Cookies are carried by hand, each person's apart: k6's own jar belongs to the virtual user, who plays several people. */
export function send(method, path, { cookies = {}, body, form, name, binary = false, headers = {} } = {}) {
  const contentType = form?.contentType ?? (body === undefined ? undefined : 'application/json')
  const answer = http.request(method, base + path, form?.bytes ?? (body === undefined ? null : JSON.stringify(body)), {
    headers: {
      cookie: Object.entries(cookies)
        .map(([key, value]) => `${key}=${value}`)
        .join('; '),
      ...(contentType ? { 'content-type': contentType } : {}),
      ...headers,
    },
    jar: new http.CookieJar(),
    tags: { name: name ?? path },
    responseType: binary ? 'binary' : 'text',
  })
  for (const [key, [cookie]] of Object.entries(answer.cookies)) cookies[key] = cookie.value
  return answer
}

export const must = (answer, what) => {
  if (answer.status >= 300) throw new Error(`${what}: ${answer.status} ${answer.body}`)
  return answer.body ? answer.json() : undefined
}

/** What takes a fresh proof: refused first, then sent again with it. The code is the next one, as the last may be used. */
export function proven(method, path, { cookies, secret, body }) {
  const refused = send(method, path, { cookies, body }).json()
  if (refused.code !== 'step_up_required') throw new Error(`${path}: ${refused.code}`)
  const { id } = refused.step_up
  must(send('POST', `/auth/step-ups/${id}`, { cookies, body: { code: totp(secret, Date.now() + 30_000) } }), 'proof')
  return send(method, path, { cookies, body, headers: { 'custodia-step-up': id } })
}

/** Everybody by one file, which takes one proof; their links, in the file's order. */
export function invite(people, { cookies, secret }) {
  const columns = ['username', 'status', 'role', 'team', 'branch']
  const lines = people.map((person) => columns.map((column) => ({ status: 'joins', ...person })[column] ?? '').join())
  const csv = [columns.join(), ...lines].join('\n')
  const { items } = must(proven('POST', '/people-file/apply', { cookies, secret, body: { csv } }), 'people file')
  return items.map(({ link }) => link)
}

/** A new person's first sign-in: password, then TOTP enrolment, which completes it. Returns cookies and secret. */
export function enrol(link, password) {
  const cookies = {}
  must(send('POST', '/invitations/accept', { cookies, body: { token: link.split('#')[1], password } }), 'invitation')
  return { cookies, secret: confirmTotp(cookies) }
}

export function confirmTotp(cookies) {
  const { secret } = must(send('POST', '/me/totp', { cookies }), 'totp begin')
  must(send('POST', '/me/totp/confirm', { cookies, body: { code: totp(secret) } }), 'totp confirm')
  return secret
}
