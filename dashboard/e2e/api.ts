import type { BrowserContext } from 'playwright-core'
import type { Customer } from './customers.js'

/** The API as a program uses it that got hold of somebody's cookies. */
export interface Program {
  get(path: string): Promise<Response>
  /** throws unless the answer is a success */
  post<T>(path: string, body: object | FormData): Promise<T>
}

export async function programWithCookiesOf(context: BrowserContext, origin: string): Promise<Program> {
  const cookies = await context.cookies(origin)
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  return {
    get: (path) => fetch(`${origin}/api/v1${path}`, { headers: { cookie } }),
    post: async (path, body) => {
      const isForm = body instanceof FormData
      const answer = await fetch(`${origin}/api/v1${path}`, {
        method: 'POST',
        headers: { cookie, origin, ...(isForm ? {} : { 'content-type': 'application/json' }) },
        body: isForm ? body : JSON.stringify(body),
      })
      if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`)
      return (await answer.json()) as never
    },
  }
}

/** A customer with consent and one photo; returns the photo's id. */
export async function addCustomer(program: Program, customer: Customer, photo: Buffer): Promise<string> {
  const { id } = await program.post<{ id: string }>('/customers', {
    ...customer,
    business_type: 'deposit',
    consent: {
      given_at: new Date().toISOString(),
      information_types: ['basic', 'contact', 'id_number', 'id_photo'],
      purposes: ['identity_check', 'contract'],
      way: 'signature',
    },
  })
  const form = new FormData()
  form.append('kind', 'id_front')
  form.append('file', new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), 'front.jpg')
  return (await program.post<{ id: string }>(`/customers/${id}/photos`, form)).id
}

/** What a scraper got: asks for one photo after the other, one each `paceMs`, whatever comes back. */
export interface Scraped {
  served: Buffer[]
  statuses: number[]
}

export async function scrape(program: Program, photoIds: string[], times: number, paceMs: number): Promise<Scraped> {
  const asked: Promise<{ status: number; bytes: Buffer }>[] = []
  for (let n = 0; n < times; n++) {
    const path = `/photos/${photoIds[n % photoIds.length]}?purpose=identity_check`
    asked.push(
      program
        .get(path)
        .then(async (answer) => ({ status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) })),
    )
    await new Promise((resolve) => setTimeout(resolve, paceMs))
  }
  const answers = await Promise.all(asked)
  return {
    served: answers.filter(({ status }) => status === 200).map(({ bytes }) => bytes),
    statuses: answers.map(({ status }) => status),
  }
}
