import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply } from 'fastify'
import { CONFIG, type Config } from '../config.js'
import { allowPage } from '../gateway/content-policy.js'
import { ProblemError } from '../gateway/problem.js'

const built = fileURLToPath(new URL('../../../dashboard/dist', import.meta.url))
/** What the build writes where a page's styles need the number of this one answer. */
const nonceMark = '__style_nonce__'
const year = 365 * 86_400
/** What is not a page: an unknown address here is a mistake of a program, which reads problems, not pages. */
const notPages = /^\/(api|socket\.io|healthz|readyz|metrics)(\/|$)/

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Custodia</title>
<h1>The dashboard is not built</h1><p>Run <code>npm run build</code> and load this page again.</p>
<h1 lang="zh-CN">尚未构建界面</h1><p lang="zh-CN">请运行 <code>npm run build</code>，然后重新加载此页。</p></html>`

/**
 * The dashboard. Only names that the build made are files, looked up and never joined to a path; every other address is a
 * page of the dashboard's own router and gets the one document.
 */
export function serveDashboard(app: NestFastifyApplication, dir = built): void {
  const http = app.getHttpAdapter().getInstance()
  void app.register(fastifyStatic as never, { root: dir, serve: false })
  const { origin } = app.get<Config>(CONFIG).http
  const files = () => new Set([...namesIn(dir, ''), ...namesIn(dir, 'assets/')])
  let known = files()

  http.get('/*', async (request, reply) => {
    const path = pathOf(request.url)
    if (path === undefined || notPages.test(path)) return sendNotFound(reply, request.id)
    // A page that is loaded anew may have been built anew.
    if (path === '/' || path === '/index.html') known = files()
    const name = path.slice(1)
    if (name.startsWith('assets/') && known.has(name))
      return reply.sendFile(name, { maxAge: year * 1000, immutable: true })
    if (name !== 'index.html' && known.has(name)) return reply.sendFile(name, { maxAge: 0 })
    if (/\.[a-z0-9]+$/i.test(name) && name !== 'index.html') return sendNotFound(reply, request.id)
    if (!known.has('index.html'))
      return reply.status(503).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(notBuilt)
    const page = readFileSync(join(dir, 'index.html'), 'utf8').replaceAll(nonceMark, allowPage(reply, origin))
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page)
  })
}

/** The decoded path of an address, or undefined for one that no browser sends without being told to. */
function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.split('?', 1)[0] ?? '')
    // Dots that climb, backslashes, control characters.
    return /(^|\/)\.{1,2}(\/|$)|\\|\p{Cc}/u.test(path) ? undefined : path
  } catch {
    return undefined
  }
}

const namesIn = (dir: string, folder: string): string[] =>
  existsSync(join(dir, folder))
    ? readdirSync(join(dir, folder), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => folder + entry.name)
    : []

const sendNotFound = (reply: FastifyReply, requestId: string) =>
  reply
    .status(404)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(new ProblemError('not_found').toProblem(requestId))
