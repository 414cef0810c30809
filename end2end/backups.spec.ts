import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { Console, PASSWORD } from './support/stage.ts';
import { adopt, backUp, jobIsDone, setUp } from './support/story.ts';
import { expect, test } from './support/test.ts';

async function onlyBackup(page: Page, console_: Console): Promise<string> {
  await page.goto(`${console_.url}/deployments/sales/backups`);
  return (await page.locator('a[href*="/backups/sales-"]').first().getAttribute('href')) ?? '';
}

async function download(page: Page): Promise<Buffer> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
  expect(file.suggestedFilename()).toMatch(/^sales-.*\.tar$/);
  return readFileSync(await file.path());
}

async function upload(page: Page, console_: Console, name: string, buffer: Buffer): Promise<void> {
  await page.goto(`${console_.url}/targets/local`);
  await page.getByLabel('File').setInputFiles({ name, mimeType: 'application/x-tar', buffer });
  await page.getByRole('button', { name: 'Upload backup' }).click();
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('a backup leaves the console as a file and comes back to another one, with the Neo4j users', async ({ page, neo4j }) => {
      const before = await neo4j.nodes();
      const lost = await Console.start();
      let file: Buffer;
      try {
        await setUp(page, lost);
        await adopt(page, lost, neo4j);
        await backUp(page, lost);
        await page.goto(`${lost.url}${await onlyBackup(page, lost)}`);
        file = await download(page);
      } finally {
        await lost.stop(page);
      }

      await neo4j.cypher('MATCH (n) DETACH DELETE n');
      const console_ = await Console.start();
      try {
        await setUp(page, console_);
        await adopt(page, console_, neo4j);
        await upload(page, console_, 'notes.tar', Buffer.from('no backup at all'.repeat(1000)));
        await expect(page.getByRole('heading', { level: 1 })).toContainText('This file is not a backup of the console');
        await upload(page, console_, 'sales.tar', file);
        await jobIsDone(page);

        // The other console's seal proves nothing here: a person does.
        await page.goto(`${console_.url}${await onlyBackup(page, console_)}`);
        await expect(page.getByRole('heading', { name: 'This backup is from outside' })).toBeVisible();
        await expect(page.getByRole('link', { name: 'Restore…' })).toHaveCount(0);
        await page.getByRole('button', { name: 'I know where it is from: accept it' }).click();
        await expect(page.getByText('The backup is accepted.')).toBeVisible();
        await expect(page.getByText('From outside, accepted')).toBeVisible();

        await page.goto(`${console_.url}/deployments/sales/restore`);
        await page.getByRole('button', { name: 'Look inside' }).click();
        await page.getByRole('link', { name: 'Run the checks' }).click();
        await page.getByRole('link', { name: 'Go to confirm' }).click();
        await page.locator('input[name=what]').last().check();
        await page.getByLabel('Why are you restoring?').fill('The host was lost');
        await page.locator('input[name=confirm]').fill('sales');
        await page.getByRole('button', { name: 'Restore sales now' }).click();
        await jobIsDone(page);
        expect(await neo4j.nodes()).toBe(before);

        await page.getByRole('link', { name: 'Remove the set-aside data…' }).click();
        await page.locator('input[name=confirm]').fill('sales');
        await page.getByRole('button', { name: 'Remove the set-aside data' }).click();
        await jobIsDone(page);
        expect(await neo4j.nodes()).toBe(before);
        await tidyUp(page, console_);
      } finally {
        await console_.stop(page);
      }
    });
  });
}

/** What only takes away: a credential that is wrong, a backup, a deployment. */
async function tidyUp(page: Page, console_: Console): Promise<void> {
  await page.goto(`${console_.url}/deployments/sales/credentials`);
  await page.getByLabel('Password of this Neo4j user').fill('not the password');
  await page.getByRole('button', { name: 'Test and save' }).click();
  await expect(page.getByText('Neo4j refused this user and password').first()).toBeVisible();
  await page.getByLabel('Password of this Neo4j user').fill(PASSWORD);
  await page.getByRole('button', { name: 'Test and save' }).click();
  await expect(page.getByText('Neo4j accepted the new credentials').first()).toBeVisible();

  await page.goto(`${console_.url}${await onlyBackup(page, console_)}/delete`);
  await page.locator('input[name=confirm]').fill('sale');
  await page.getByRole('button', { name: 'Delete backup' }).click();
  await expect(page.locator('input[name=confirm]:invalid'), 'the browser does not even send it').toHaveCount(1);
  await page.locator('input[name=confirm]').fill('sales');
  await page.getByRole('button', { name: 'Delete backup' }).click();
  await expect(page.getByText('The backup is deleted.')).toBeVisible();
  await expect(page.locator('a[href*="/backups/sales-"]')).toHaveCount(0);

  await page.goto(`${console_.url}/deployments/sales/forget`);
  await page.locator('input[name=confirm]').fill('sales');
  await page.getByRole('button', { name: 'Forget sales' }).click();
  await expect(page.getByText('The deployment is forgotten.')).toBeVisible();
}
