import { Looks } from './support/look.ts';
import { Console } from './support/stage.ts';
import { adopt, backUp, restore, setUp, setUpPlan } from './support/story.ts';
import { expect, test } from './support/test.ts';

// No page has an accessibility violation or scrolls sideways, light and dark, narrow and wide.

test('the pages from the first sign-in to a restore are accessible', async ({ page, console_, neo4j }) => {
  const looks = new Looks(page, console_);
  await looks.at('setup', console_.setupLink);
  await looks.at('login', '/login');
  await setUp(page, console_);
  await looks.at('deployments-empty', '/');
  await looks.at('adopt-list', '/deployments/adopt');
  await looks.at('adopt', `/deployments/adopt?container=${neo4j.name}`);
  await adopt(page, console_, neo4j);
  await looks.at('overview-no-backup', '/deployments/sales');
  await looks.at('backups-empty', '/deployments/sales/backups');
  await looks.at('backup-now', '/deployments/sales/backups/new');
  await backUp(page, console_);
  await looks.at('job-backup');
  await looks.at('deployments', '/');
  await looks.at('overview', '/deployments/sales');
  await looks.at('backups', '/deployments/sales/backups');
  const detail = await page.locator('a[href*="/backups/sales-"]').first().getAttribute('href');
  await looks.at('backup', detail ?? '/');
  const backup = detail?.split('/').pop();
  await looks.at('restore-1-choose', '/deployments/sales/restore');
  await looks.at('restore-2-inside', `/deployments/sales/restore/${backup}`);
  await looks.at('restore-3-checks', `/deployments/sales/restore/${backup}/checks`);
  await looks.at('restore-4-confirm', `/deployments/sales/restore/${backup}/confirm`);
  await restore(page, console_);
  await looks.at('job-restore');
  for (const [name, path] of [
    ['backup-delete', `/deployments/sales/backups/${backup}/delete`], ['calendar', '/deployments/sales/backups/calendar'],
    ['target', '/targets/local'], ['jobs', '/jobs'], ['audit', '/audit'],
  ]) await looks.at(name, path);
  looks.nothingIsWrong();
});

test('the pages of settings are accessible', async ({ page, console_, neo4j }) => {
  const looks = new Looks(page, console_);
  await setUp(page, console_);
  await adopt(page, console_, neo4j);
  for (const [name, path] of [
    ['operate', '/deployments/sales/operate?do=restart'], ['credentials', '/deployments/sales/credentials'], ['forget', '/deployments/sales/forget'],
    ['delete', '/deployments/sales/delete'], ['environment', '/deployments/sales/environment'], ['compose', '/deployments/sales/compose'],
    ['deployment-new', '/deployments/new'], ['registries', '/registries'], ['probe-queries', '/deployments/sales/probe-queries'],
    ['schedules-empty', '/deployments/sales/schedules'], ['schedule-new', '/deployments/sales/schedules/new'],
    ['image', '/deployments/sales/image?q=5&image=neo4j:5.26.29-enterprise'], ['memory', '/deployments/sales/memory?heap=1g&page_cache=1g&limit=2g'], ['changes-empty', '/deployments/sales/changes'],
    ['alarms', '/deployments/sales/alarms'], ['drills-empty', '/deployments/sales/drills'],
    ['targets', '/targets'], ['target-directory', '/targets/new?kind=directory'], ['target-s3', '/targets/new?kind=s3'],
    ['notifications-empty', '/notifications'], ['channel-mail', '/notifications/new?kind=mail'], ['channel-hook', '/notifications/new?kind=hook'],
    ['members', '/members'], ['member-new', '/members/new'], ['account', '/account'], ['about', '/about'],
  ]) await looks.at(name, path);
  await page.goto(`${console_.url}/deployments/sales/memory`);
  await page.getByRole('button', { name: 'Check and show plan' }).click();
  await looks.at('change');
  await looks.at('changes', '/deployments/sales/changes');
  await setUpPlan(page, console_);
  await looks.at('schedules', '/deployments/sales/schedules');
  await looks.at('schedule', '/deployments/sales/schedules/weekly');
  await looks.at('not-found', '/no/such/page');
  await looks.at('problem-not-found', '/deployments/nothing-here');
  looks.nothingIsWrong();
});

test('without Docker the pages stand and say so', async ({ page }) => {
  const console_ = await Console.start('unix:///nonexistent/docker.sock');
  try {
    await setUp(page, console_);
    await page.goto(`${console_.url}/deployments/adopt`);
    await expect(page.getByText(/Docker did not answer/).first()).toBeVisible();
    await page.goto(`${console_.url}/`);
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Deployments');
  } finally {
    await console_.stop(page);
  }
});
