import {
  routes,
  type BodyInput,
  type ParamsOf,
  type QueryInput,
  type ReplyOf,
  type RouteName,
  type RouteSpec,
  type Routes,
} from '@custodia/contracts'
import { addressOf } from './address.js'
import { problemFrom, unreachable, type ApiProblem } from './problem.js'
import { proofFor } from './step-up.js'

type Params<R extends RouteSpec> = R extends { params: object } ? { params: ParamsOf<R> } : { params?: undefined }
type Query<R extends RouteSpec> = R extends { query: object }
  ? { query?: Partial<QueryInput<R>> }
  : { query?: undefined }
type Body<R extends RouteSpec> = R extends { body: object } ? { body: BodyInput<R> } : { body?: undefined }

/** What a route takes, from the one route map: a wrong parameter does not compile. */
export type InputFor<N extends RouteName> = Params<Routes[N]> &
  Query<Routes[N]> &
  Body<Routes[N]> & { signal?: AbortSignal }
type Args<N extends RouteName> = object extends InputFor<N> ? [input?: InputFor<N>] : [input: InputFor<N>]

/** Routes that answer bytes (photos, CSV) go through `blob`. */
export type BytesRoute = { [N in RouteName]: Routes[N] extends { reply: string } ? N : never }[RouteName]
export type JsonRoute = Exclude<RouteName, BytesRoute>

type ProblemListener = (problem: ApiProblem) => void
const listeners = new Set<ProblemListener>()
/** Hears every problem before the caller does: sign-out on 401, the paused page on 423. */
export const onProblem = (listener: ProblemListener): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
const tell = (problem: ApiProblem): ApiProblem => {
  for (const listener of listeners) listener(problem)
  return problem
}

interface AnyInput {
  params?: object
  query?: object
  body?: unknown
  signal?: AbortSignal
}

const send = async (
  name: RouteName,
  input: AnyInput = {},
  proof?: Record<string, string>,
): Promise<globalThis.Response> => {
  const route: RouteSpec = routes[name]
  const headers = new Headers(proof)
  const init: RequestInit = { method: route.method, credentials: 'same-origin', cache: 'no-store', headers }
  if (input.signal) init.signal = input.signal
  if (input.body !== undefined) {
    headers.set('content-type', 'application/json')
    init.body = JSON.stringify(input.body)
  }
  const answer = await fetch(addressOf(route.path, input.params, input.query), init).catch((error: unknown) => {
    if (input.signal?.aborted) throw error
    throw tell(unreachable())
  })
  if (answer.ok) return answer
  const problem = problemFrom(answer.status, await answer.text())
  // An action that wants a fresh proof of its own is sent again with it, once.
  const fresh = proof ? undefined : await proofFor(problem)
  if (fresh) return send(name, input, fresh)
  throw tell(problem)
}

/** Calls a route of the contract and gives its reply; errors are `ApiProblem`s. */
export const call = async <N extends JsonRoute>(name: N, ...[input]: Args<N>): Promise<ReplyOf<Routes[N]>> => {
  const answer = await send(name, input)
  const text = answer.status === 204 ? '' : await answer.text()
  return (text ? JSON.parse(text) : undefined) as ReplyOf<Routes[N]>
}

export interface Bytes {
  blob: Blob
  headers: Headers
  /** id of the access event that this answer is recorded under */
  eventId: string | undefined
  fileName: string | undefined
}

/** Bytes of a photo or a CSV, with the id of the event that recorded it. */
export const blob = async <N extends BytesRoute>(name: N, ...[input]: Args<N>): Promise<Bytes> => {
  const answer = await send(name, input)
  const disposition = answer.headers.get('content-disposition') ?? ''
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1]
  return {
    blob: await answer.blob(),
    headers: answer.headers,
    eventId: answer.headers.get('custodia-event-id') ?? undefined,
    fileName: encoded ? decodeURIComponent(encoded) : /filename="?([^";]+)"?/i.exec(disposition)?.[1],
  }
}

export interface UploadOptions {
  /** 0…1 of the bytes sent */
  onProgress?: (share: number) => void
  signal?: AbortSignal
}

/** Sends a form with progress; XMLHttpRequest because fetch tells nothing about what was sent. */
export const upload = <N extends 'photoUpload'>(
  name: N,
  params: ParamsOf<Routes[N]>,
  form: FormData,
  options: UploadOptions = {},
): Promise<ReplyOf<Routes[N]>> =>
  new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    const route: RouteSpec = routes[name]
    xhr.open(route.method, addressOf(route.path, params))
    xhr.upload.onprogress = (event) => {
      if (event.lengthComputable) options.onProgress?.(event.loaded / event.total)
    }
    xhr.onload = () => {
      if (xhr.status < 300) resolve(JSON.parse(xhr.responseText) as ReplyOf<Routes[N]>)
      else reject(tell(problemFrom(xhr.status, xhr.responseText)))
    }
    xhr.onerror = () => reject(tell(unreachable()))
    xhr.onabort = () => reject(new DOMException('Upload cancelled', 'AbortError'))
    options.signal?.addEventListener('abort', () => xhr.abort(), { once: true })
    xhr.send(form)
  })
