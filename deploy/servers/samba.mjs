import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'ldapts'
import { certify } from './certify.mjs'
import { serverProcess } from './server-process.mjs'

const run = promisify(execFile)
const [realm, base] = ['EXAMPLE.TEST', 'DC=example,DC=test']
const needed = ['/usr/sbin/samba', '/usr/bin/samba-tool', '/usr/share/samba/setup/provision.ldif']

/** Its ports are fixed (389, 636), so each server has an address of its own. */
const newAddress = () => `127.${[1, 2, 3].map(() => 1 + Math.floor(Math.random() * 250)).join('.')}`

const configOf = (dir, address, { ca, key }) => `[global]
netbios name = DC
realm = ${realm}
workgroup = EXAMPLE
server role = active directory domain controller
server services = ldap
interfaces = ${address}/8
bind interfaces only = yes
private dir = ${dir}/private
state directory = ${dir}/state
cache directory = ${dir}/cache
lock directory = ${dir}
pid directory = ${dir}
ncalrpc dir = ${dir}/ncalrpc
log file = ${dir}/log
tls certfile = ${ca}
tls keyfile = ${key}
tls cafile =
`

/**
 * A real Active Directory domain of Debian's Samba, made anew, by ldaps and by StartTLS on an address of its own. It takes no
 * password in the clear. Needs root: the ports are below 1024, and a domain has files of several owners.
 */
export const startSamba = async () => {
  if (!needed.every((file) => existsSync(file)) || process.getuid() !== 0)
    throw new Error(
      'Tests on a real Active Directory need root and Debian’s packages: `apt-get install --no-install-recommends samba samba-ad-provision samba-dsdb-modules samba-vfs-modules`.',
    )
  const dir = await mkdtemp(join(tmpdir(), 'custodia-samba-'))
  const [ca, key, empty, config] = ['ca.pem', 'key.pem', 'empty.conf', 'smb.conf'].map((name) => join(dir, name))
  const [address, password] = [newAddress(), 'What-Administrators-Know-9']
  await writeFile(empty, '')
  const domain = ['--realm', realm, '--domain', 'EXAMPLE', '--server-role', 'dc', '--dns-backend', 'NONE']
  const host = ['--host-name', 'dc', '--host-ip', address, '--adminpass', password]
  const where = ['--configfile', empty, '--targetdir', dir]
  await run('samba-tool', ['domain', 'provision', ...where, ...domain, ...host])
  await certify(key, ca, address)
  await chmod(key, 0o600)
  await writeFile(config, configOf(dir, address, { ca, key }))
  const args = ['-i', '-M', 'single', '--debug-stdout', '-s', config]
  const { start, end } = serverProcess({ name: 'samba', command: '/usr/sbin/samba', args, host: address, port: 636 })
  await start()
  const bindDn = 'Administrator@example.test'
  const url = `ldaps://${address}`
  /** `work` is done as the domain's administrator */
  const asRoot = async (work) => {
    const client = new Client({ url, tlsOptions: { ca: await readFile(ca) } })
    try {
      await client.bind(bindDn, password)
      await work(client)
    } finally {
      await client.unbind()
    }
  }
  const stop = async () => {
    await end('SIGTERM')
    await rm(dir, { recursive: true, force: true })
  }
  return { asRoot, stop, base, ca, bindDn, password, secureUrl: url, url: `ldap://${address}` }
}
