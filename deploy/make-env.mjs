// `npm run -s compose:env -- https://custodia.example.com [PROXY]`: writes .env for docker-compose.yml, with strong passwords, mode 0600.
import { randomBytes } from 'node:crypto'
import { openSync, readFileSync, writeSync } from 'node:fs'
import { isIP } from 'node:net'
import { fileURLToPath } from 'node:url'

const example = fileURLToPath(new URL('./env.example', import.meta.url))
const [address = '', proxies = '172.16.0.0/12', target = '.env', ...more] = process.argv.slice(2)

const end = (sentence) => {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

if (!URL.canParse(address) || new URL(address).protocol !== 'https:')
  end('Say the address that people will type: npm run -s compose:env -- https://custodia.example.com')

if (more.length > 0) end(`One word too many: ${more.join(' ')}`)
if (!proxies.split(',').every((proxy) => isAddressOrRange(proxy.trim())))
  end('The second word is the address or range of the proxy as the gateway sees it, such as 172.18.0.1 or 10.1.0.0/16.')

const given = { PUBLIC_URL: new URL(address).origin, TRUSTED_PROXIES: proxies }
/** As the gateway will read it (backend/src/config.ts). */
function isAddressOrRange(text) {
  const [address, bits, ...rest] = text.split('/')
  const longest = isIP(address) === 4 ? 32 : 128
  return isIP(address) !== 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && bits <= longest))
}

const valueOf = (name, byDefault) => given[name] ?? (byDefault || randomBytes(32).toString('hex'))
const text = readFileSync(example, 'utf8')
  .split('\n')
  .filter((line) => !line.startsWith('#') || /^#\w+=/.test(line)) // what may be set later stays, to be found
  .join('\n')
  .trim()
  .replaceAll(/^(\w+)=(.*)$/gm, (_, name, byDefault) => `${name}=${valueOf(name, byDefault)}`)
  .replaceAll(/\n{2,}/g, '\n')

try {
  // Never over an existing one: its passwords are those of volumes that hold data.
  writeSync(openSync(target, 'wx', 0o600), `${text}\n`)
} catch (error) {
  end(error.code === 'EEXIST' ? `${target} is there already; its passwords belong to the volumes.` : error.message)
}
process.stdout.write(`${target} is written, for your eyes alone: keep a copy with the other secrets of your house.\n`)
