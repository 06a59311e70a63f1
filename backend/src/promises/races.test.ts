import { describe } from '@jest/globals'
import { startTestGateway } from '../testing/gateway.js'
import { racesContract } from './races.contract.js'

describe('races on the PostgreSQL out of npm', () => racesContract(() => startTestGateway()))
