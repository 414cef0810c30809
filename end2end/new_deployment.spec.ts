import { removeServer } from './support/stage.ts';
import { jobIsDone, setUp } from './support/story.ts';
import { expect, test } from './support/test.ts';

// A deployment is made by a form, which keeps what was typed when something is in the way, and is deleted with the typed name.

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('a deployment is made and deleted', async ({ page, console_ }) => {
      const name = `test-shop-${process.pid}`;
      await setUp(page, console_);
      try {
        await page.goto(console_.url);
        await page.getByRole('link', { name: 'New deployment' }).click();
        await page.getByLabel('Name', { exact: true }).fill(name);
        await page.getByLabel('Image', { exact: true }).fill('fast/neo4j:latest');
        await page.getByLabel('First password of the Neo4j user neo4j').fill('owls fly at night');
        await page.getByLabel('Memory limit of the container').fill('1g');
        await page.getByRole('textbox', { name: /^Heap/ }).fill('256m');
        await page.getByRole('textbox', { name: /^Page cache/ }).fill('64m');
        await page.getByRole('button', { name: 'Check and create' }).click();
        await expect(page.locator('#image-error')).toContainText('this deployment is for production');
        await expect(page.getByLabel('Name', { exact: true })).toHaveValue(name);

        await page.getByLabel('Image', { exact: true }).fill('fast/neo4j:5.26.5-community');
        await page.getByLabel('First password of the Neo4j user neo4j').fill('owls fly at night');
        await page.getByRole('button', { name: 'Check and create' }).click();
        await jobIsDone(page);
        await page.goto(`${console_.url}/deployments/${name}`);
        await expect(page.getByText('made by this console').first()).toBeVisible();
        await page.goto(`${console_.url}/deployments/${name}/compose`);
        await expect(page.locator('pre')).toContainText(`${name}-data:/data`);
        await expect(page.locator('pre')).not.toContainText('owls fly');

        await page.goto(`${console_.url}/deployments/${name}/delete`);
        await page.locator('input[name=confirm]').fill(name);
        await page.getByRole('button', { name: `Delete ${name}` }).click();
        await jobIsDone(page);
        await expect(page.getByText(`${name} is deleted.`)).toBeVisible();
        // The removal follows the end of the job.
        await expect(async () => {
          await page.goto(console_.url);
          await expect(page.getByText('No deployment yet')).toBeVisible({ timeout: 2_000 });
        }).toPass({ timeout: 60_000 });
      } finally {
        removeServer(name);
      }
    });
  });
}
