import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { idNumber } from '../id-number.js'
import { noisePhoto } from '../photo.mjs'
import { Browser } from './browser.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const password = 'correct horse battery staple'
/** Nobody opens more customers than the shipped rules let pass: the load is honest work, only faster. */
const clerks = 12
const customersEach = 8

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

/** The whole system as `npm start` runs it, on an empty directory, with a probe in its processes. */
export class System {
  static async start({ env = {}, profile } = {}) {
    const system = new System()
    system.base = mkdtempSync(join(tmpdir(), 'custodia-bench-'))
    chmodSync(system.base, 0o711) // as root, the database server's own user must pass through
    system.probes = join(system.base, 'probes')
    mkdirSync(system.probes)
    system.dataDir = join(system.base, 'data')
    system.port = await freePort()
    system.origin = `http://localhost:${system.port}`
    system.env = {
      ...process.env,
      ...env,
      PORT: String(system.port),
      PUBLIC_URL: system.origin,
      CUSTODIA_DATA_DIR: system.dataDir,
      CUSTODIA_LOG_LEVEL: 'warn',
      // how long an answer may take is what we measure: none is given up for being slow
      CUSTODIA_HOLD_TIMEOUT_MS: '5000',
      BENCH_PROBE_DIR: system.probes,
      BENCH_PROFILE: profile ?? '',
      NODE_OPTIONS: `--import ${pathToFileURL(join(here, 'probe.mjs'))}`,
    }
    system.process = spawn(process.execPath, [join(here, '../../backend/dist/cli/custodia.js'), 'start'], {
      env: system.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    system.ended = new Promise((resolve) => system.process.once('exit', resolve))
    process.once('exit', () => system.process.kill('SIGINT'))
    system.setupCode = await new Promise((resolve, reject) => {
      let printed = ''
      system.process.stdout.on('data', (chunk) => {
        printed += chunk
        const code = /Setup code[^:]*: (\S+)/.exec(printed)
        if (code) resolve(code[1])
      })
      void system.ended.then(() => reject(new Error('The system did not start.')))
    })
    return system
  }

  /** One more gateway on the same servers, where the log is one that machines share; resolves with its port when it is ready. */
  async addGateway() {
    const port = await freePort()
    const env = { ...this.env, PORT: String(port), BENCH_PROBE_DIR: '' }
    this.second = spawn(process.execPath, [join(here, '../../backend/dist/main.js')], { env, stdio: 'inherit' })
    process.once('exit', () => this.second.kill('SIGINT'))
    const isReady = () =>
      fetch(`http://127.0.0.1:${port}/readyz`, { headers: { host: new URL(this.origin).host } }).then(
        ({ ok }) => ok,
        () => false,
      )
    while (!(await isReady())) await sleep(200)
    return port
  }

  async stop() {
    if (this.second) {
      const gone = new Promise((resolve) => this.second.once('exit', resolve))
      this.second.kill('SIGINT')
      await gone
    }
    this.process.kill('SIGINT')
    await this.ended
    rmSync(this.base, { recursive: true, force: true })
  }

  /** The first account, signed in. */
  async setUp() {
    const admin = new Browser(this.origin)
    await admin.send('POST', '/setup', { code: this.setupCode, username: 'admin', display_name: 'Admin', password })
    await admin.enrol()
    return admin
  }

  /** Clerks with customers and a photo each, all through the front door. Resolves with what they may ask for. */
  async populate() {
    const admin = await this.setUp()
    const photo = new Blob([noisePhoto()], { type: 'image/png' })
    const asked = []
    const place = { role: 'staff', team: 'service', branch: 'shanghai' }
    const people = Array.from({ length: clerks }, (_, clerk) => ({ username: `clerk-${clerk}`, ...place }))
    for (const [clerk, link] of (await admin.invite(people)).entries()) {
      const browser = new Browser(this.origin)
      await browser.accept(link, password)
      for (let at = 0; at < customersEach; at++) {
        const { id } = await browser.send('POST', '/customers', customer(clerk * customersEach + at))
        const form = new FormData()
        form.append('kind', 'id_front')
        form.append('file', photo, 'front.png')
        const made = await browser.send('POST', `/customers/${id}/photos`, form)
        asked.push({ cookie: browser.cookie, customer: id, photo: made.id })
      }
    }
    return asked.sort((a, b) => (a.customer.slice(-6) < b.customer.slice(-6) ? -1 : 1)) // everybody at once, not one by one
  }

  /** Resolves when landing, detection and response have nothing before them. */
  async settled() {
    for (let calm = 0; calm < 2;) {
      const metrics = await (await fetch(`${this.origin}/metrics`)).text()
      const lags = [...metrics.matchAll(/^custodia_lag_records\{[^}]*\} (\d+)/gm)].map(([, lag]) => Number(lag))
      calm = lags.length && lags.every((lag) => lag === 0) ? calm + 1 : 0
      await sleep(250)
    }
  }

  get pids() {
    const files = readdirSync(this.probes).filter((file) => file.endsWith('.pid'))
    return Object.fromEntries(files.map((file) => [file.slice(0, -4), Number(readFileSync(join(this.probes, file)))]))
  }

  /** The event loop's delay of each process since it was asked last. */
  async loopDelays() {
    for (const pid of Object.values(this.pids)) process.kill(pid, 'SIGUSR2')
    await sleep(500)
    const newest = (name) =>
      readdirSync(this.probes)
        .filter((file) => file.startsWith(`${name}-`) && file.endsWith('.json'))
        .sort((a, b) => parseInt(a.slice(name.length + 1)) - parseInt(b.slice(name.length + 1)))
        .at(-1)
    return Object.fromEntries(
      Object.keys(this.pids).map((name) => [name, JSON.parse(readFileSync(join(this.probes, newest(name))))]),
    )
  }
}

const consent = {
  given_at: new Date().toISOString(),
  information_types: ['basic', 'contact', 'id_number', 'id_photo'],
  purposes: ['identity_check', 'contract'],
  way: 'signature',
}

const customer = (number) => ({
  name: `客户${number}`,
  id_number: idNumber(number),
  phone: `138${String(10_000_000 + number)}`,
  email: `customer-${number}@example.com`,
  address: `上海市浦东新区世纪大道 ${number} 号`,
  account_number: String(6_222_020_000_000_000 + number),
  business_type: 'car_loan',
  tags: ['老客户', 'vip'],
  consent,
})
