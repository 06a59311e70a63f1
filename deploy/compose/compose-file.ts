import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const seconds = z.string().regex(/^\d+s$/)
const words = z.array(z.string()).min(1)

/** What of the Compose specification the file uses; whatever else stands in it is a mistake, or belongs here first. */
const Service = z.strictObject({
  image: z.string(),
  build: z
    .strictObject({ context: z.string(), dockerfile: z.string(), args: z.record(z.string(), z.string()).optional() })
    .optional(),
  entrypoint: words.optional(),
  command: words.optional(),
  user: z.string().optional(),
  init: z.boolean().optional(),
  profiles: words.optional(),
  restart: z.union([z.enum(['unless-stopped', 'no']), z.string().regex(/^on-failure:\d+$/)]),
  read_only: z.boolean().optional(),
  cap_drop: words.optional(),
  security_opt: words.optional(),
  /** null: as .env has it, and not at all where .env has none */
  environment: z.record(z.string(), z.string().nullable()).default({}),
  volumes: z.array(z.string().regex(/^((\.\/)?[\w./-]+|\$\{\w+:-\w+\}):\/[\w./-]+(:ro)?$/)).default([]),
  tmpfs: z.array(z.string().regex(/^\/[\w./-]*(:(\w+=\w+)(,\w+=\w+)*)?$/)).default([]),
  ports: z.array(z.string()).default([]),
  networks: words,
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.enum(['service_healthy', 'service_completed_successfully']) }))
    .default({}),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.literal('CMD')], z.string()),
      interval: seconds,
      timeout: seconds,
      retries: z.int(),
      start_period: seconds,
      start_interval: seconds,
    })
    .optional(),
  stop_grace_period: seconds.optional(),
  shm_size: z.string().optional(),
  ulimits: z.strictObject({ nofile: z.strictObject({ soft: z.int(), hard: z.int() }) }).optional(),
  deploy: z.strictObject({
    resources: z.strictObject({
      limits: z.strictObject({ cpus: z.string(), memory: z.string().regex(/^\d+[MG]$/), pids: z.int() }),
    }),
  }),
})
export type Service = z.output<typeof Service> & { environment: Record<string, string> }

/** An extension field is for anchors; what it holds is checked where it is used. */
const isExtension = (name: string): boolean => name.startsWith('x-')

const ComposeFile = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), Service),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() })),
  volumes: z.record(z.string(), z.strictObject({})),
})
export type ComposeFile = z.output<typeof ComposeFile> & { services: Record<string, Service> }

/** The document as it is written, anchors and merges resolved, nothing put in for variables. */
export const rawCompose = (): Record<string, unknown> => {
  const document = parse(readFileSync(`${root}/docker-compose.yml`, 'utf8'), { merge: true }) as Record<string, unknown>
  return Object.fromEntries(Object.entries(document).filter(([name]) => !isExtension(name)))
}

/** Throws with every unknown key. */
export const checkCompose = (document: unknown): z.output<typeof ComposeFile> => ComposeFile.parse(document)

/** What the engine would run with these variables. Throws with every variable that is missing. */
export function readCompose(variables: Record<string, string>): ComposeFile {
  const missing = new Set<string>()
  const filled = mapStrings(rawCompose(), (text) =>
    text.replaceAll(reference, (_, name: string, operator?: string, rest = '') => {
      const value = variables[name]
      if (value) return value
      if (operator === ':-') return rest
      missing.add(name)
      return ''
    }),
  )
  if (missing.size > 0) throw new Error(`missing: ${[...missing].join(', ')}`)
  const file = checkCompose(filled)
  for (const service of Object.values(file.services)) service.environment = passedOn(service.environment, variables)
  return file as ComposeFile
}

const passedOn = (environment: Record<string, string | null>, variables: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => {
      const given = value ?? variables[name]
      return given === undefined ? [] : [[name, given]]
    }),
  )

/** `${NAME}`, `${NAME:-default}`, `${NAME:?what to say}` */
const reference = /\$\{(\w+)(?:(:-|:\?)([^}]*))?\}/g

/** Every variable of the file, how it is referred to, and its default. */
export const variablesOf = (): { name: string; operator: string | undefined; byDefault: string }[] => {
  const found: ReturnType<typeof variablesOf> = []
  mapStrings(rawCompose(), (text) => {
    for (const [, name = '', operator, rest = ''] of text.matchAll(reference))
      found.push({ name, operator, byDefault: operator === ':-' ? rest : '' })
    return text
  })
  return found
}

function mapStrings(node: unknown, change: (text: string) => string): unknown {
  if (typeof node === 'string') return change(node)
  if (Array.isArray(node)) return node.map((item) => mapStrings(item, change))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, mapStrings(value, change)]))
}

/** `NAME=value` lines, as the engine reads .env. */
export const parseEnv = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value] as const))
