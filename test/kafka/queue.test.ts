import { expect } from 'chai'
import { Queue } from '../../lib/kafka/queue.js'

describe('Queue', () => {
  it('gives each element once, in the order in which they came, however pushes and shifts alternate', () => {
    const queue = new Queue<{ n: number }>()
    let pushed = 0
    let taken = 0
    for (let round = 0; round < 60; round++) {
      for (let i = 0; i < (round % 7) * 100; i++) queue.push({ n: pushed++ })
      for (let i = 0; i < (round % 5) * 140 && queue.length > 0; i++) {
        expect(queue.first?.n).to.equal(taken)
        expect(queue.shift()?.n).to.equal(taken++)
      }
      expect(queue.length).to.equal(pushed - taken)
    }
    while (queue.length > 0) expect(queue.shift()?.n).to.equal(taken++)
    expect([taken, queue.first, queue.shift()]).to.deep.equal([pushed, undefined, undefined])
  })
})
