export { startLanding, type Landing, type LandingOptions } from './landing.js'
