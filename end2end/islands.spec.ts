// What lives in the browser: each island does what its page could do without it, only better.
import { adopt, setUp, signIn } from './support/story.ts';
import type { Page } from '@playwright/test';
import { expect, test } from './support/test.ts';

test.use({ timezoneId: 'Asia/Kathmandu', permissions: ['clipboard-read', 'clipboard-write'] });

/** The islands of the page have come to life. */
const alive = (page: Page) => page.waitForSelector('html[data-alive]');

test('a form is sent once, a search answers as one types, times are the viewer’s, menus close', async ({ page, console_ }) => {
  await setUp(page, console_);
  await page.goto(`${console_.url}/members/new`);
  await page.getByLabel('Name').fill('ben');
  await page.getByLabel('Password').fill('nine quiet rivers run');
  const sent: string[] = [];
  page.on('request', (request) => { if (request.url().endsWith('/api/fn/add_member')) sent.push(request.method()); });
  await alive(page);
  const button = page.getByRole('button', { name: 'Add member' });
  const state = await button.evaluate((element: HTMLButtonElement) => {
    element.click();
    element.click();
    return element.ariaDisabled;
  });
  expect(state).toBe('true');
  await expect(page.getByText('The member is added.')).toBeVisible();
  expect(sent).toEqual(['POST']);

  await page.goto(`${console_.url}/audit`);
  const rows = page.locator('#found tbody tr');
  expect(await rows.count()).toBeGreaterThan(1);
  await alive(page);
  await page.getByRole('searchbox').pressSequentially('add member');
  await expect(rows).toHaveCount(1);
  await expect(page).toHaveURL(/q=add\+member/);
  await expect(page.getByRole('searchbox')).toBeFocused();
  // +05:45: an hour that no mistake makes by chance.
  const time = rows.first().locator('time');
  const local = new Date(String(await time.getAttribute('datetime'))).toLocaleTimeString('en-GB', { timeZone: 'Asia/Kathmandu', hour: '2-digit', minute: '2-digit' });
  await expect(time).toHaveAttribute('title', new RegExp(`, ${local} GMT\\+5:45 \\(.* UTC\\)$`));

  const menu = page.locator('details.menu').filter({ has: page.locator('summary.who-am-i') });
  await page.locator('summary.who-am-i').click();
  await expect(menu).toHaveAttribute('open');
  await page.keyboard.press('Escape');
  await expect(menu).not.toHaveAttribute('open');
  await page.locator('summary.who-am-i').click();
  await page.getByRole('heading', { level: 1 }).click();
  await expect(menu).not.toHaveAttribute('open');
});

test('a live page changes in place, a value is copied, an upload tells how far it is', async ({ page, console_, neo4j }) => {
  await setUp(page, console_);
  await adopt(page, console_, neo4j);
  await page.goto(`${console_.url}/deployments/sales`);
  await page.getByRole('button', { name: 'Copy image' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('neo4j');

  await page.goto(`${console_.url}/deployments/sales/backups/new`);
  await page.getByLabel('Why').fill('Seen live');
  let loads = 0;
  page.on('load', () => { loads += 1; });
  await page.getByRole('button', { name: 'Stop and back up now' }).click();
  await expect(page).toHaveURL(/\/jobs\/\d+/);
  await expect(page.locator('[data-live] h1')).toBeVisible();
  // Set by nobody but this test: it stays only if the element does.
  await page.locator('#job [role=log]').evaluate((log) => { log.setAttribute('open', 'mine'); });
  await expect(page.locator('.now')).toBeVisible({ timeout: 20_000 });
  await expect(page.locator('h1 .status')).toHaveText(/Done/, { timeout: 240_000 });
  await expect(page.locator('#job [role=log]')).toHaveAttribute('open', 'mine');
  await expect(page.locator('.now')).toHaveCount(0, { timeout: 20_000 });
  expect(loads, 'one load, the job’s page').toBe(1);

  await page.goto(`${console_.url}/targets/local`);
  await alive(page);
  await page.locator('input[type=file]').setInputFiles({ name: 'no.tar', mimeType: 'application/x-tar', buffer: Buffer.alloc(4_000_000, 7) });
  await page.getByRole('button', { name: 'Upload backup' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('This file is not a backup of the console');
  expect(loads, 'the answer stands in the page').toBe(2);
});

test('what a page asks for by itself uses up no refusal and no session of somebody else', async ({ page, console_ }) => {
  await setUp(page, console_);
  await page.goto(`${console_.url}/members/new`);
  await page.getByLabel('Name').fill('ana');
  await page.getByLabel('Password').fill('seven brown owls');
  await page.getByRole('button', { name: 'Add member' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  // Two rounds of the frame's own questions.
  await page.waitForResponse(/\/live\?at=/);
  await page.waitForResponse(/\/live\?at=/);
  await expect(page.getByRole('alert')).toBeVisible();
  await page.context().clearCookies();
  await expect(page).toHaveURL(/\/login/, { timeout: 20_000 });
  await signIn(page, console_);
});

test('the page behind a link is asked for when the button goes down, and shown when it is up', async ({ page, console_ }) => {
  await setUp(page, console_);
  await page.goto(`${console_.url}/about`);
  const ahead = page.waitForEvent('request', (request) => new URL(request.url()).pathname === '/members');
  await page.getByRole('link', { name: 'Members' }).hover();
  await page.mouse.down();
  expect((await (await ahead).allHeaders())['sec-purpose']).toContain('prefetch');
  await page.mouse.up();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Members');
  const from = await page.evaluate(() => (performance.getEntriesByType('navigation')[0] as unknown as { deliveryType: string }).deliveryType);
  expect(from, 'what had been asked for is what is shown').toBe('navigational-prefetch');
});
