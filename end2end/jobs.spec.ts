import { DockerSocket } from './support/docker_socket.ts';
import { Console } from './support/stage.ts';
import { adopt, setUp } from './support/story.ts';
import { expect, test } from './support/test.ts';

let docker: DockerSocket;
let console_: Console;

test.beforeEach(async () => {
  docker = await DockerSocket.start();
  console_ = await Console.start(docker.host);
});
test.afterEach(async ({ page }) => {
  await console_?.stop(page);
  docker?.stop();
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('a backup waits for a Docker that is away; where it is forbidden, a click puts everything back', async ({ page, neo4j }) => {
      await setUp(page, console_);
      await adopt(page, console_, neo4j);
      const before = await neo4j.nodes();
      const stopped = async () => {
        await page.goto(`${console_.url}/deployments/sales/backups/new`);
        await page.getByRole('button', { name: 'Stop and back up now' }).click();
        await expect(page).toHaveURL(/\/jobs\/\d+/);
        await expect.poll(() => neo4j.nodes().catch(() => 'stopped'), { timeout: 120_000 }).toBe('stopped');
      };
      await stopped();
      docker.become('gone');
      await expect(page.getByRole('log').getByText(/Docker does not answer. The job waits/)).toBeVisible({ timeout: 120_000 });
      docker.become('through');
      await expect(page.locator('h1 .status')).toHaveText(/Done/, { timeout: 180_000 });

      await stopped();
      docker.become('forbids');
      await expect(page.locator('h1 .status')).toHaveText(/Stuck/, { timeout: 120_000 });
      const refusals = page.getByRole('log').getByText(/Docker refused/);
      const soFar = await refusals.count();
      await page.getByRole('button', { name: 'Try undo again' }).click();
      await expect(refusals).toHaveCount(soFar + 1, { timeout: 60_000 });
      await expect(page.locator('h1 .status')).toHaveText(/Stuck/, { timeout: 60_000 });
      docker.become('through');
      await page.getByRole('button', { name: 'Try undo again' }).click();
      await expect(page.locator('h1 .status')).toHaveText(/Rolled back/, { timeout: 180_000 });
      await expect(page.getByText('sales is as it was before.')).toBeVisible();
      expect(await neo4j.nodes()).toBe(before);
    });

    test('a Docker that takes the call and never answers hangs no page', async ({ page, neo4j }) => {
      await setUp(page, console_);
      await adopt(page, console_, neo4j);
      docker.become('silent');
      for (const path of ['/', '/deployments/sales', '/deployments/sales/backups', '/deployments/sales/backups/new', '/deployments/adopt', '/jobs', '/about']) {
        const begun = Date.now();
        await page.goto(`${console_.url}${path}`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        expect(Date.now() - begun, path).toBeLessThan(15_000);
      }
    });
  });
}
