// Every test fails on any message of the browser's console: a hydration mismatch, a CSP violation, an error of a script.
import { type Page, test as base, expect } from '@playwright/test';

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

export const test = base.extend<{ quiet: void }>({
  quiet: [async ({ page }, use) => {
    const said = watch(page);
    await use();
    expect(said, 'the browser’s console').toEqual([]);
  }, { auto: true }],
});
