import AxeBuilder from '@axe-core/playwright';
import { Console, Neo4j } from './support/stage.ts';
import { adopt, backUp, restore, setUp, setUpPlan } from './support/story.ts';
import { expect, test } from './support/test.ts';

// Each page in both schemes and both widths: a picture to look at, nothing for axe to find, no sideways scroll.
test('every page is whole, light and dark, narrow and wide', async ({ page }) => {
  test.setTimeout(1_500_000);
  const neo4j = await Neo4j.start('pages');
  const console_ = await Console.start();
  const wrong: string[] = [];

  const look = async (name: string, path?: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [390, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        if (path) await page.goto(path.startsWith('http') ? path : `${console_.url}${path}`);
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: `screenshots/${name}-${colorScheme}-${width}.png`, fullPage: true });
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (sideways > 0) wrong.push(`${name} ${colorScheme} ${width}: scrolls sideways by ${sideways}`);
        const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
        for (const v of found.violations) {
          wrong.push(`${name} ${colorScheme} ${width}: ${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`);
        }
      }
    }
  };

  try {
    await look('setup', console_.setupLink);
    await look('login', '/login');
    await setUp(page, console_);
    await look('deployments-empty', '/');
    await look('adopt-list', '/deployments/adopt');
    await look('adopt', `/deployments/adopt?container=${neo4j.name}`);
    await adopt(page, console_, neo4j);
    await look('overview-no-backup', '/deployments/sales');
    await look('backups-empty', '/deployments/sales/backups');
    await look('backup-now', '/deployments/sales/backups/new');
    await backUp(page, console_);
    await look('job-backup');
    await look('deployments', '/');
    await look('overview', '/deployments/sales');
    await look('backups', '/deployments/sales/backups');
    await page.goto(`${console_.url}/deployments/sales/backups`);
    const detail = await page.locator('a[href*="/backups/sales-"]').first().getAttribute('href');
    await look('backup', detail ?? '/');
    const backup = detail?.split('/').pop();
    await look('restore-1-choose', '/deployments/sales/restore');
    await look('restore-2-inside', `/deployments/sales/restore/${backup}`);
    await look('restore-3-checks', `/deployments/sales/restore/${backup}/checks`);
    await look('restore-4-confirm', `/deployments/sales/restore/${backup}/confirm`);
    await restore(page, console_);
    await look('job-restore');
    for (const [name, path] of [
      ['operate', '/deployments/sales/operate?do=restart'], ['credentials', '/deployments/sales/credentials'], ['forget', '/deployments/sales/forget'],
      ['calendar', '/deployments/sales/backups/calendar'], ['schedules-empty', '/deployments/sales/schedules'], ['schedule-new', '/deployments/sales/schedules/new'],
      ['alarms', '/deployments/sales/alarms'], ['drills-empty', '/deployments/sales/drills'], ['backup-delete', `/deployments/sales/backups/${backup}/delete`],
      ['targets', '/targets'], ['target-directory', '/targets/new?kind=directory'], ['target-s3', '/targets/new?kind=s3'], ['target', '/targets/local'],
      ['notifications-empty', '/notifications'], ['channel-mail', '/notifications/new?kind=mail'], ['channel-hook', '/notifications/new?kind=hook'],
      ['jobs', '/jobs'], ['members', '/members'], ['member-new', '/members/new'], ['audit', '/audit'], ['account', '/account'], ['about', '/about'],
    ]) await look(name, path);
    await setUpPlan(page, console_);
    await look('schedules', '/deployments/sales/schedules');
    await look('schedule', '/deployments/sales/schedules/weekly');
    await look('not-found', '/no/such/page');
    await look('problem-not-found', '/deployments/nothing-here');
    expect(wrong).toEqual([]);
  } finally {
    await console_.stop();
    neo4j.remove();
  }
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
    await console_.stop();
  }
});
