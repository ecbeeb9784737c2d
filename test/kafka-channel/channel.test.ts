import { onEachBroker, onEmbeddedBroker, onRealBroker } from '../support/brokers.js'
import { closingSuite } from './closing-suite.js'
import { committingSuite } from './committing-suite.js'
import { deadLetterSuite, heldLettersSuite, refusedLettersSuite } from './dead-letter-suite.js'
import { lostPeerSuite } from './lost-peer-suite.js'
import { expiredOffsetsSuite, missingHistorySuite } from './missing-history-suite.js'
import { observingSuite } from './observing-suite.js'
import { openingSuite } from './opening-suite.js'
import { poisonSuite } from './poison-suite.js'
import { protocolSuite } from './protocol-suite.js'
import { readingSuite } from './reading-suite.js'
import { vagueEndsSuite } from './vague-ends-suite.js'
import { waitingSuite } from './waiting-suite.js'
import { writingSuite } from './writing-suite.js'

onEachBroker('Kafka channel: opening', openingSuite)
onEachBroker('Kafka channel: waiting for the other side', waitingSuite)
onEachBroker('Kafka channel: writing', writingSuite)
onEachBroker('Kafka channel: reading', readingSuite)
onEachBroker('Kafka channel: committing', committingSuite)
onEachBroker('Kafka channel: a history that is missing', missingHistorySuite)
onRealBroker('Kafka channel: offsets that expired', expiredOffsetsSuite)
onEachBroker('Kafka channel: undecodable records', poisonSuite)
onEachBroker('Kafka channel: dead letters', deadLetterSuite)
onEmbeddedBroker('Kafka channel: dead letters that are not acknowledged', heldLettersSuite)
onRealBroker('Kafka channel: dead letters that are refused', refusedLettersSuite)
onEachBroker('Kafka channel: closing', closingSuite)
onEachBroker('Kafka channel: the other ends', protocolSuite)
onEachBroker('Kafka channel: silent ends', lostPeerSuite)
onEachBroker('Kafka channel: ends that nobody says', vagueEndsSuite)
onEachBroker('Kafka channel: seen from outside', observingSuite)
