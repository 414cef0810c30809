import { defineConfig } from '@playwright/test';

// Debian's Chromium: a download of a browser by the tool itself is not possible everywhere.
const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export default defineConfig({
  testDir: '.',
  // On two cores: one story waits for a server while the other one's browser works.
  workers: 2,
  fullyParallel: true,
  retries: 0,
  timeout: 600_000,
  expect: { timeout: 15_000 },
  use: {
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags },
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    trace: 'off',
  },
});
