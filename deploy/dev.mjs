// `npm run dev`: the whole system, rebuilt and restarted as you type. The compiler watches contracts, streams and backend; after each
// good build the supervisor starts streams and gateway anew. The dashboard's dev server shows its own changes at once. Ctrl-C ends all.
import { fork, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
const gateway = `http://localhost:${process.env.PORT ?? 8080}`
/** Pages come from here, so sessions, passkeys and the gateway's check of the origin belong to this address. */
const pages = 'http://localhost:5173'

let system
/** Starts the system after the first good build; later ones only renew its processes. */
function reload() {
  if (system) return void system.send('reload')
  system = fork('backend/dist/cli/custodia.js', ['start', ...process.argv.slice(2)], {
    env: { PUBLIC_URL: pages, ...process.env },
    detached: true, // Ctrl-C reaches it through us, once
  })
  system.once('exit', (code) => end(code ?? 1))
}

const compiler = spawn(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-b', '-w', '--preserveWatchOutput'],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
)
compiler.stdout.setEncoding('utf8').on('data', (text) => {
  if (/ error TS/.test(text)) process.stdout.write(text)
  if (text.includes('Found 0 errors')) reload()
})

const { createServer } = await import(
  pathToFileURL(createRequire(join(root, 'dashboard/package.json')).resolve('vite')).href
)
const toGateway = { target: gateway, headers: { origin: pages } }
const vite = await createServer({
  root: 'dashboard',
  server: {
    port: Number(new URL(pages).port),
    strictPort: true,
    proxy: { '/api': toGateway, '/socket.io': toGateway },
  },
})
await vite.listen()

let ending = false
async function end(code) {
  if (ending) return
  ending = true
  compiler.kill()
  await vite.close()
  if (system?.exitCode === null) {
    system.kill('SIGINT')
    await new Promise((resolve) => system.once('exit', resolve))
  }
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(0))
