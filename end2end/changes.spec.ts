import type { Page } from '@playwright/test';
import { Looks } from './support/look.ts';
import type { Console, Neo4j } from './support/stage.ts';
import { adopt, backUp, jobIsDone, setUp } from './support/story.ts';
import { expect, test } from './support/test.ts';

// Memory is changed, taken back, and a change that cannot work leaves the old server running with its reason on the page; another
// image is chosen from the list, an upgrade rehearsed, applied and taken back.

async function plan(page: Page, values: { limit: string; heap: string; pageCache: string; why: string }): Promise<void> {
  await page.getByLabel('Container limit').fill(values.limit);
  await page.getByLabel('Heap', { exact: true }).fill(values.heap);
  await page.getByLabel('Page cache', { exact: true }).fill(values.pageCache);
  await page.getByRole('textbox', { name: /^Why/ }).fill(values.why);
  await page.getByRole('button', { name: 'Check and show plan' }).click();
}

/** Heap and page cache fit by the numbers, and the JVM besides does not. */
async function ranOutOfMemory(page: Page, neo4j: Neo4j): Promise<void> {
  await plan(page, { limit: '140m', heap: '120m', pageCache: '8m', why: 'As small as can be' });
  await page.getByRole('button', { name: 'Apply change' }).click();
  await expect(page.locator('h1 .status')).toHaveText(/Rolled back/, { timeout: 240_000 });
  await expect(page.getByText('Neo4j ran out of memory at its start').first()).toBeVisible();
  expect(await neo4j.nodes()).toBe(600);
}

/** The other tag of the repository is the same image, so nothing is pulled and the data stays as it is. */
async function anotherTag(page: Page, neo4j: Neo4j): Promise<void> {
  const tag = neo4j.otherTag();
  await page.getByRole('link', { name: 'Image', exact: true }).click();
  await page.getByLabel('Image', { exact: true }).fill('neo4j:enterprise:5.15');
  await page.getByRole('button', { name: 'Check and show plan' }).click();
  await expect(page.locator('#image-error')).toContainText('Did you mean neo4j:5.15.0-enterprise?');
  await page.getByRole('searchbox', { name: 'Search the tags' }).fill(tag);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('link', { name: `Choose ${tag}` }).click();
  await page.getByRole('textbox', { name: /^Why/ }).fill('The same by another name');
  await page.getByRole('button', { name: 'Check and show plan' }).click();
  await expect(page.locator('tr').filter({ hasText: tag })).toBeVisible();
  await page.getByRole('button', { name: 'Apply change' }).click();
  await jobIsDone(page);
  await expect(page.getByText('The new image leaves the data as it is.').first()).toBeVisible();
  expect(await neo4j.nodes()).toBe(600);
}

/** It wants a rehearsal or a reason, and a rehearsal a backup. Nothing is started. */
async function upgradeIsRefused(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Image', exact: true }).click();
  await page.getByLabel('Image', { exact: true }).fill('fast/neo4j:2026.05.0-community');
  await page.getByRole('button', { name: 'Check and show plan' }).click();
  await expect(page.getByRole('textbox', { name: 'Why without a rehearsal' })).toHaveAttribute('required');
  await page.getByRole('button', { name: 'Rehearse on a copy' }).click();
  await expect(page.getByText('has no verified backup yet')).toBeVisible();
  await expect(page.locator('h1 .status')).toHaveText(/Planned/);
}

/** Rehearsed on a copy, applied, and taken back with the data from before. */
async function upgradeAndBack(page: Page, console: Console, neo4j: Neo4j): Promise<void> {
  await backUp(page, console);
  await page.goto(`${console.url}/deployments/sales/image?image=fast/neo4j:2026.05.0-community`);
  await page.getByRole('button', { name: 'Check and show plan' }).click();
  await expect(page).toHaveURL(/\/changes\/\d+/);
  const plan = page.url();
  await page.getByRole('button', { name: 'Rehearse on a copy' }).click();
  await jobIsDone(page);
  await page.goto(plan);
  await expect(page.getByRole('textbox', { name: 'Why without a rehearsal' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Apply change' }).click();
  await jobIsDone(page);
  await expect(page.getByRole('heading', { name: 'Set-aside data' })).toBeVisible();
  await neo4j.cypher('CREATE (:Since)');

  await page.goto(plan);
  const looks = new Looks(page, console);
  await looks.at('change-applied');
  await page.getByRole('button', { name: 'Plan the revert' }).click();
  await expect(page.getByText('What was written since the upgrade is not in it')).toBeVisible();
  await looks.at('change-go-back');
  looks.nothingIsWrong();
  await page.locator('input[name=confirm]').fill('sales');
  await page.getByRole('button', { name: 'Apply change' }).click();
  await jobIsDone(page);
  expect(await neo4j.nodes()).toBe(600);
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('memory and image are planned, applied, taken back, and a wrong change undone', async ({ page, console_, neo4j }) => {
      await setUp(page, console_);
      await adopt(page, console_, neo4j);
      await page.getByRole('link', { name: 'Memory', exact: true }).click();
      await expect(page.getByRole('heading', { name: 'Recommended by Neo4j' })).toBeVisible();
      await plan(page, { limit: '1g', heap: '1g', pageCache: '64m', why: 'The import is slow' });
      await expect(page.locator('#heap-error')).toContainText('must stay below the limit');
      await expect(page.getByRole('textbox', { name: /^Why/ })).toHaveValue('The import is slow');
      await expect(page.getByLabel('Heap', { exact: true })).toHaveValue('1g');
      if (javaScriptEnabled) {
        await page.getByLabel('Heap', { exact: true }).fill('300m');
        await expect(page.getByRole('img', { name: /^Your values: .*heap 300.MiB/ })).toBeVisible();
      }
      await plan(page, { limit: '1g', heap: '300m', pageCache: '64m', why: 'The import is slow' });
      await expect(page.getByRole('row', { name: /NEO4J_server_memory_heap_max__size/ })).toContainText('300m');
      await expect(page.locator('h1 .status')).toHaveText(/Planned/);
      await page.getByRole('button', { name: 'Apply change' }).click();
      await jobIsDone(page);
      await expect(page.getByText('what is in effect is what was planned')).toBeVisible();
      expect(await neo4j.nodes()).toBe(600);
      await page.goto(`${console_.url}/deployments/sales/memory`);
      await expect(page.getByLabel('Heap', { exact: true })).toHaveValue('300m');
      await expect(page.getByLabel('Container limit')).toHaveValue('1g');

      if (javaScriptEnabled) await ranOutOfMemory(page, neo4j);
      await page.goto(`${console_.url}/deployments/sales/changes`);
      if (javaScriptEnabled) await expect(page.getByRole('row', { name: /As small as can be/ })).toContainText('Rolled back');
      await page.getByRole('link', { name: /Heap 300.MiB/ }).click();
      await page.getByRole('textbox', { name: /^Why/ }).fill('It was better before');
      await page.getByRole('button', { name: 'Plan the revert' }).click();
      await expect(page.getByRole('link', { name: 'Change 1', exact: true })).toBeVisible();
      await page.getByRole('button', { name: 'Apply change' }).click();
      await jobIsDone(page);
      await page.goto(`${console_.url}/deployments/sales/memory`);
      await expect(page.getByLabel('Container limit')).toHaveValue('');
      expect(await neo4j.nodes()).toBe(600);
      if (javaScriptEnabled) {
        await upgradeAndBack(page, console_, neo4j);
      } else {
        await anotherTag(page, neo4j);
        await page.goto(`${console_.url}/deployments/sales/changes`);
        await upgradeIsRefused(page);
      }
    });
  });
}
