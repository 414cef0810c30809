import { createServer } from 'node:http';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adopt, jobIsDone, setUp, setUpPlan, startJob } from './support/story.ts';
import { expect, test } from './support/test.ts';

let elsewhere: string;

test.beforeEach(() => {
  elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
});
test.afterEach(() => rmSync(elsewhere, { recursive: true, force: true }));

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('a target, the plan in one click, a run of it, the calendar, a drill', async ({ page, console_, neo4j }) => {
      await setUp(page, console_);
      await adopt(page, console_, neo4j);

      await page.goto(`${console_.url}/targets/new?kind=directory`);
      await page.getByLabel('Name').fill('nas');
      await page.getByLabel('Directory on the console’s machine').fill(join(elsewhere, 'not-there'));
      await page.getByRole('button', { name: 'Try and add' }).click();
      await expect(page.getByRole('alert')).toContainText('there is no directory');
      await expect(page.getByLabel('Name')).toHaveValue('nas');
      await page.getByLabel('Directory on the console’s machine').fill(elsewhere);
      await page.getByRole('button', { name: 'Try and add' }).click();
      await expect(page.getByText('The target is added.')).toBeVisible();
      expect(readdirSync(elsewhere)).toEqual([]);

      await setUpPlan(page, console_);
      for (const name of ['daily', 'weekly', 'monthly']) await expect(page.getByRole('link', { name, exact: true })).toBeVisible();
      await expect(page.getByText('Each Sunday at 04:15, Europe/Berlin')).toBeVisible();

      await page.getByRole('row', { name: /weekly/ }).getByRole('button', { name: /Run now/ }).click();
      await jobIsDone(page);
      const [bundle] = readdirSync(elsewhere);
      expect(readdirSync(join(elsewhere, bundle))).toContain('manifest.json');
      await page.goto(`${console_.url}/deployments/sales/backups/calendar`);
      await page.locator('.calendar td.today a').click();
      await expect(page.getByText('Schedule weekly, run now.')).toBeVisible();

      await page.goto(`${console_.url}/deployments/sales/backups/${bundle}`);
      await page.getByRole('button', { name: 'Pin' }).click();
      await expect(page.getByText('The backup is pinned.')).toBeVisible();
      await startJob(page, 'Read back now');

      await page.goto(`${console_.url}/deployments/sales/drills`);
      await startJob(page, 'Run a drill now');
      await page.goto(`${console_.url}/deployments/sales`);
      await expect(page.getByText('Proven restorable')).toBeVisible();
      await expect(page.getByText('600 nodes, 300 relationships, 0 problems.')).toBeVisible();
      expect(await neo4j.nodes()).toBe(600);
    });

    test('a schedule is refused, added, changed, paused and removed', async ({ page, console_, neo4j }) => {
      await setUp(page, console_);
      await adopt(page, console_, neo4j);
      await page.goto(`${console_.url}/deployments/sales/schedules/new`);
      await page.getByLabel('Name').fill('nightly');
      await page.getByText('Weekly', { exact: true }).click();
      await page.getByLabel('Weekday', { exact: true }).selectOption('Wednesday');
      await page.locator('input[name=at]').fill('02:40');
      await page.getByLabel('Time zone').fill('Middle/Earth');
      await page.getByRole('button', { name: 'Add schedule' }).click();
      await expect(page.getByText(/time zone/i).last()).toBeVisible();
      await expect(page.locator('input[name=time_zone]')).toHaveAttribute('aria-invalid', 'true');
      await expect(page.getByLabel('Name')).toHaveValue('nightly');
      await page.getByLabel('Time zone').fill('Europe/Vienna');
      await page.getByRole('button', { name: 'Add schedule' }).click();
      await expect(page.getByText('The schedule is saved.')).toBeVisible();
      await expect(page.getByText('Each Wednesday at 02:40, Europe/Vienna')).toBeVisible();

      await page.getByRole('link', { name: 'nightly', exact: true }).click();
      await expect(page.getByRole('heading', { name: 'Next five runs' })).toBeVisible();
      await page.getByText('Cron', { exact: true }).click();
      await page.getByLabel('Cron expression').fill('every now and then');
      await page.getByRole('button', { name: 'Save schedule' }).click();
      await expect(page.locator('input[name=cron]')).toHaveAttribute('aria-invalid', 'true');
      await page.getByLabel('Cron expression').fill('10 1 * * 1-5');
      await page.getByRole('button', { name: 'Save schedule' }).click();
      await expect(page.getByText('10 1 * * 1-5, Europe/Vienna')).toBeVisible();

      await page.getByRole('link', { name: 'nightly', exact: true }).click();
      await page.getByRole('button', { name: 'Pause' }).click();
      await expect(page.getByText('The schedule is paused.')).toBeVisible();
      await expect(page.getByText('Suspended').first()).toBeVisible();
      await page.getByRole('link', { name: 'nightly', exact: true }).click();
      await page.getByRole('button', { name: 'Remove schedule' }).click();
      await expect(page.getByText('The schedule is removed.')).toBeVisible();
    });

    test('a channel tells by a test whether it arrives, and a deployment’s alarms are set', async ({ page, console_, neo4j }) => {
      const bodies: string[] = [];
      const receiver = createServer((request, response) => {
        let body = '';
        request.on('data', (piece) => (body += piece));
        request.on('end', () => {
          bodies.push(body);
          response.writeHead(bodies.length > 1 ? 200 : 500).end();
        });
      }).listen(0, '127.0.0.1');
      await new Promise((done) => receiver.once('listening', done));
      const { port } = receiver.address() as { port: number };
      try {
        await setUp(page, console_);
        await page.goto(`${console_.url}/notifications/new?kind=hook`);
        await page.getByLabel('Name').fill('ops-chat');
        await page.getByLabel('Address').fill('no address');
        await page.getByRole('button', { name: 'Add channel' }).click();
        await expect(page.locator('input[name=url]')).toHaveAttribute('aria-invalid', 'true');
        await page.getByLabel('Address').fill(`http://127.0.0.1:${port}/secret-part`);
        await page.getByRole('button', { name: 'Add channel' }).click();
        await expect(page.getByText('The channel is added.')).toBeVisible();
        await expect(page.getByText('secret-part')).toHaveCount(0);
        await page.getByRole('button', { name: 'Send a test' }).click();
        await expect(page.getByRole('alert')).toContainText('500');
        await page.getByRole('button', { name: 'Send a test' }).click();
        await expect(page.getByText('The test was delivered.')).toBeVisible();
        expect(bodies).toHaveLength(2);
        await expect(page.getByText('Failed', { exact: true })).toBeVisible();
        await expect(page.getByText('Delivered', { exact: true })).toBeVisible();

        await adopt(page, console_, neo4j);
        await page.goto(`${console_.url}/deployments/sales/alarms`);
        await page.getByLabel('Maximum age of the last verified backup (hours)').fill('0');
        await page.getByRole('button', { name: 'Save alarms' }).click();
        await expect(page.locator('input[name=allowance_hours]')).toHaveAttribute('aria-invalid', 'true');
        await page.getByLabel('Maximum age of the last verified backup (hours)').fill('30');
        await page.getByRole('button', { name: 'Save alarms' }).click();
        await expect(page.getByText('The alarms are saved.')).toBeVisible();
        await expect(page.getByLabel('Maximum age of the last verified backup (hours)')).toHaveValue('30');
      } finally {
        receiver.close();
      }
    });
  });
}
