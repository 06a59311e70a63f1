import type { BrowserContext } from 'playwright-core'
import type { Customer } from './customers.js'

/** The API as a program uses it that got hold of somebody's cookies. */
export interface Program {
  get(path: string): Promise<Response>
  /** throws unless the answer is a success */
  read<T>(path: string): Promise<T>
  /** throws unless the answer is a success */
  post<T>(path: string, body: object | FormData): Promise<T>
}

export async function programWithCookiesOf(context: BrowserContext, origin: string): Promise<Program> {
  const cookies = await context.cookies(origin)
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const get = (path: string): Promise<Response> => fetch(`${origin}/api/v1${path}`, { headers: { cookie } })
  return {
    get,
    read: async (path) => bodyOf(`GET ${path}`, await get(path)),
    post: async (path, body) => {
      const isForm = body instanceof FormData
      const answer = await fetch(`${origin}/api/v1${path}`, {
        method: 'POST',
        headers: { cookie, origin, ...(isForm ? {} : { 'content-type': 'application/json' }) },
        body: isForm ? body : JSON.stringify(body),
      })
      return bodyOf(`POST ${path}`, answer)
    },
  }
}

const bodyOf = async <T>(asked: string, answer: Response): Promise<T> => {
  if (!answer.ok) throw new Error(`${asked}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
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

/** What a scraper got. A status of 0: the answer was cut on its way. */
export interface Scraped {
  served: Buffer[]
  statuses: number[]
}

/** Asks for one photo after the other, one each `paceMs`, whatever comes back. */
export async function scrape(program: Program, photoIds: string[], times: number, paceMs: number): Promise<Scraped> {
  const asked: Promise<{ status: number; bytes: Buffer }>[] = []
  for (let n = 0; n < times; n++) {
    asked.push(bytesOf(program.get(`/photos/${photoIds[n % photoIds.length]}?purpose=identity_check`)))
    await new Promise((resolve) => setTimeout(resolve, paceMs))
  }
  const answers = await Promise.all(asked)
  return {
    served: answers.filter(({ status }) => status === 200).map(({ bytes }) => bytes),
    statuses: answers.map(({ status }) => status),
  }
}

const bytesOf = async (asked: Promise<Response>) => {
  try {
    const answer = await asked
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) }
  } catch {
    return { status: 0, bytes: Buffer.of() }
  }
}
