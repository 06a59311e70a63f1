import { describe, expect, it } from '@jest/globals'
import { problems, routes, type RouteSpec } from '@custodia/contracts'
import { openApiDocument, pathOf } from './openapi.js'

interface Operation {
  operationId: string
  parameters: { name: string; in: string; required: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { content?: Record<string, { schema?: object }> }>
  security: Record<string, []>[]
}

const table = Object.entries(routes) as [string, RouteSpec][]
const document = openApiDocument() as unknown as { openapi: string; paths: Record<string, Record<string, Operation>> }
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)
const operationOf = (name: string) => operations.find(({ operation }) => operation.operationId === name)?.operation

describe('the OpenAPI document', () => {
  it('has exactly the routes of the table', () => {
    const documented = operations.map(({ path, method, operation }) => `${operation.operationId} ${method} ${path}`)
    const declared = table.map(([name, route]) => `${name} ${route.method.toLowerCase()} ${pathOf(route)}`)
    expect(documented.sort()).toEqual(declared.sort())
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(table.length)
  })

  it('declares every parameter of a path, and none that is not there', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const declared = operation.parameters.filter((p) => p.in === 'path')
      expect(declared.map((p) => p.name)).toEqual(inPath)
      expect(declared.every((p) => p.required)).toBe(true)
    }
  })

  it('says for each route who may come in and how it says no', () => {
    for (const [name, route] of table) {
      const operation = operationOf(name)
      expect(operation?.security.length === 0).toBe(route.door === 'public')
      if (route.door === 'session')
        expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(['401', '403', '423']))
      if (route.event) expect(operation?.responses).toHaveProperty('503')
    }
  })

  it('types queries as they are sent and replies as they arrive', () => {
    const limit = operationOf('customersSearch')?.parameters.find((p) => p.name === 'limit')
    expect(limit).toMatchObject({ required: false, schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 } })
    const me = operationOf('me')?.responses['200']?.content?.['application/json']?.schema
    expect(me).toMatchObject({
      type: 'object',
      properties: { permissions: { type: 'array' } },
      required: expect.arrayContaining(['id']),
    })
    const body = operationOf('liftRequest')?.requestBody?.content['application/json']?.schema
    expect(body).toMatchObject({ required: ['ticket'] })
  })

  it('refers only to what it defines, and names no problem that does not exist', () => {
    const text = JSON.stringify(document)
    const referred = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target))
    expect([...referred]).toEqual(['#/components/schemas/Problem'])
    const codes = [...text.matchAll(/`([a-z_]+)`: /g)].map(([, code]) => String(code))
    expect(codes.filter((code) => !(code in problems))).toEqual([])
    expect(text).not.toContain('$schema')
  })
})
