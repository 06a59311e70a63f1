import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'ldapts'
import { certify } from './certify.mjs'
import { cacheOf, fillCache, freePort, serverProcess } from './server-process.mjs'

const run = promisify(execFile)
const cache = cacheOf('debian-slapd')

/** Debian's packages, unpacked into the cache once; nothing is installed, and nobody needs to be root. */
const unpack = async (work) => {
  await run('apt-get', ['download', 'slapd', 'libltdl7', 'libodbc2'], { cwd: work })
  for (const file of (await readdir(work)).filter((name) => name.endsWith('.deb')))
    await run('dpkg', ['-x', file, 'root'], { cwd: work })
  await chmod(work, 0o755)
  return work
}

export const fetchSlapd = async () => {
  if (existsSync('/usr/sbin/slapd')) return ''
  const root = join(cache, 'root')
  if (!existsSync(join(root, 'usr/sbin/slapd')))
    await fillCache(cache, unpack).catch((cause) => {
      throw new Error(`Tests on a real directory need Debian's package: \`apt-get install slapd\`. ${cause}`, { cause })
    })
  return root
}

/** modules and schemas where they were unpacked; elsewhere the system's */
const configOf = (root, dir, { suffix, password, ca, key }) => `
include ${root}/etc/ldap/schema/core.schema
include ${root}/etc/ldap/schema/cosine.schema
include ${root}/etc/ldap/schema/inetorgperson.schema
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.4203.666.1.100 NAME 'activeDirectoryLike' SUP top AUXILIARY MAY userAccountControl )
modulepath ${root}/usr/lib/ldap
moduleload back_mdb
pidfile ${dir}/slapd.pid
TLSCertificateFile ${ca}
TLSCertificateKeyFile ${key}
security simple_bind=128
allow bind_anon_dn
database mdb
suffix "${suffix}"
rootdn "cn=search,${suffix}"
rootpw ${password}
directory ${dir}/data
access to attrs=userPassword by anonymous auth by * none
access to * by * read
`

/**
 * A real OpenLDAP of Debian on free ports of 127.0.0.1, by ldaps and by StartTLS. It takes no password in the clear, and takes
 * binds without one for anonymous, as careless directories do. `load` takes LDIF.
 */
export const startSlapd = async () => {
  const root = await fetchSlapd()
  const dir = await mkdtemp(join(tmpdir(), 'custodia-slapd-'))
  const [ca, key, config] = ['ca.pem', 'key.pem', 'slapd.conf'].map((name) => join(dir, name))
  const [suffix, password] = ['dc=example,dc=com', 'the-searching-account']
  const [port, securePort] = [await freePort(), await freePort()]
  const lib = root
    ? await readdir(join(root, 'usr/lib')).then((names) => names.filter((name) => name.includes('-linux-')))
    : []
  const env = {
    PATH: '/usr/bin:/bin',
    LC_ALL: 'C',
    ...(root && { LD_LIBRARY_PATH: lib.map((name) => join(root, 'usr/lib', name)).join(':') }),
  }
  await mkdir(join(dir, 'data'))
  await certify(key, ca)
  await writeFile(config, configOf(root, dir, { suffix, password, ca, key }))
  const urls = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${securePort}`
  const { start, end, freeze, thaw } = serverProcess({
    name: 'slapd',
    command: `${root}/usr/sbin/slapd`,
    args: ['-d', '0', '-f', config, '-h', urls],
    options: { env },
    port,
  })
  const stop = async () => {
    thaw()
    await end('SIGTERM')
    await rm(dir, { recursive: true, force: true })
  }
  /** before it runs: the server's own tool, with the entries in order */
  const load = async (ldif) => {
    const file = join(dir, 'entries.ldif')
    await writeFile(file, ldif)
    await run(`${root}/usr/sbin/slapadd`, ['-f', config, '-l', file], { env })
  }
  /** while it runs: `work` is done as whoever may do everything there */
  const asRoot = async (work) => {
    const client = new Client({ url: `ldaps://127.0.0.1:${securePort}`, tlsOptions: { ca: await readFile(ca) } })
    try {
      await client.bind(`cn=search,${suffix}`, password)
      await work(client)
    } finally {
      await client.unbind()
    }
  }
  return {
    load,
    asRoot,
    start,
    stop,
    end: () => end('SIGTERM'),
    freeze,
    thaw,
    ca,
    suffix,
    bindDn: `cn=search,${suffix}`,
    password,
    url: `ldap://127.0.0.1:${port}`,
    secureUrl: `ldaps://127.0.0.1:${securePort}`,
  }
}
