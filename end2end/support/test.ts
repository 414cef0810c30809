// Every test fails on any message of the browser's console: a hydration mismatch, a CSP violation, an error of a script.
import { type Page, test as base, expect } from '@playwright/test';
import { Console, Neo4j } from './stage.ts';

export { expect };

export function watch(page: Page): string[] {
  const said: string[] = [];
  page.on('console', (message) => {
    // A refused form answers with its status, and the browser notes that by itself; without JavaScript it notes that the wasm lies idle.
    if (['error', 'warning'].includes(message.type()) && !/status of (4\d\d|503)|preloaded using link preload/.test(message.text())) said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(String(error)));
  return said;
}

type OfATest = { quiet: void; neo4j: Neo4j; console_: Console };
type OfAWorker = { server: Neo4j };

export const test = base.extend<OfATest, OfAWorker>({
  quiet: [async ({ page }, use) => {
    const said = watch(page);
    await use();
    expect(said, 'the browser’s console').toEqual([]);
  }, { auto: true }],

  // A start costs two cores five seconds: a worker has one server for all its stories, which run one after the other.
  server: [async ({}, use, worker) => {
    const server = await Neo4j.start(`worker-${worker.workerIndex}`);
    await use(server);
    server.remove();
  }, { scope: 'worker', timeout: 240_000 }],

  /** The worker's server with the graph that every story begins with. */
  neo4j: async ({ server }, use) => {
    await server.fill();
    await use(server);
  },

  /** A new one, which knows nobody. */
  console_: async ({ page }, use) => {
    const console_ = await Console.start();
    await use(console_);
    await console_.stop(page);
  },
});
