import { describe, expect, it } from '@jest/globals'
import { MODULE_METADATA, PATH_METADATA } from '@nestjs/common/constants.js'
import type { DynamicModule, Type } from '@nestjs/common'
import { routes, type RouteSpec } from '@custodia/contracts'
import { AppModule } from '../app.module.js'
import { readConfig } from '../config.js'
import { OPEN_TO_ALL } from './open-to-all.js'
import { ROUTE } from './serve.js'

type AnyModule = Type | DynamicModule
type Handler = { name: string; route?: RouteSpec; open?: string }

const isDynamic = (module: AnyModule): module is DynamicModule => 'module' in module

/** Every controller of a module and of those it imports. */
function controllersOf(module: AnyModule, seen = new Set<unknown>()): Type[] {
  const type = isDynamic(module) ? module.module : module
  if (seen.has(type)) return []
  seen.add(type)
  const declared = <T>(key: 'imports' | 'controllers'): T[] => [
    ...((Reflect.getMetadata(MODULE_METADATA[key === 'imports' ? 'IMPORTS' : 'CONTROLLERS'], type) as
      T[] | undefined) ?? []),
    ...(isDynamic(module) ? ((module[key] ?? []) as T[]) : []),
  ]
  return [...declared<Type>('controllers'), ...declared<AnyModule>('imports').flatMap((m) => controllersOf(m, seen))]
}

const handlersOf = (controller: Type): Handler[] =>
  Object.getOwnPropertyNames(controller.prototype)
    .map((name) => ({ name, handler: (controller.prototype as Record<string, object>)[name] as object }))
    .filter(({ name, handler }) => name !== 'constructor' && Reflect.hasMetadata(PATH_METADATA, handler))
    .map(({ name, handler }) => ({
      name: `${controller.name}.${name}`,
      route: Reflect.getMetadata(ROUTE, handler) as RouteSpec | undefined,
      open: Reflect.getMetadata(OPEN_TO_ALL, handler) as string | undefined,
    }))

const handlers = controllersOf(AppModule.for(readConfig({}))).flatMap(handlersOf)

describe('the rooms together', () => {
  it.each(Object.entries(routes) as [string, RouteSpec][])('serve the route %s, once', (_name, route) => {
    expect(handlers.filter((handler) => handler.route === route).map(({ name }) => name)).toHaveLength(1)
  })

  it('serve nothing that is neither in the table nor open for a stated reason', () => {
    const known = new Set<RouteSpec>(Object.values(routes))
    expect(handlers.filter(({ route, open }) => !(route && known.has(route)) && !open).map(({ name }) => name)).toEqual(
      [],
    )
    expect(
      handlers
        .filter(({ open }) => open)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['HealthController.healthz', 'HealthController.metricsText', 'HealthController.readyz'])
  })
})
