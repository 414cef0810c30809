// The steps of the main journey as a person takes them; the same with JavaScript and without.
import { type Page, expect } from '@playwright/test';
import { type Console, type Neo4j, PASSWORD } from './stage.ts';

export const ADMIN = { name: 'ana', password: 'seven brown owls' };

export async function setUp(page: Page, console: Console): Promise<void> {
  await page.goto(console.setupLink);
  await page.getByLabel('Name').fill(ADMIN.name);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Deployments');
}

export async function signIn(page: Page, console: Console, name = ADMIN.name, password = ADMIN.password): Promise<void> {
  await page.goto(`${console.url}/login`);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Deployments');
}

export async function adopt(page: Page, console: Console, neo4j: Neo4j): Promise<void> {
  await page.goto(`${console.url}/deployments/adopt?container=${neo4j.name}`);
  await page.getByLabel('Name in this console').fill('sales');
  await page.getByLabel('Password of this Neo4j user').fill(PASSWORD);
  await page.getByRole('button', { name: 'Adopt' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('sales');
}

/** Waits on the job's page until it has ended; without JavaScript the page loads itself again. */
export async function jobIsDone(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/jobs\/\d+/);
  await expect(page.locator('h1 .status')).toHaveText(/Done/, { timeout: 480_000 });
}

/**
 * Presses the button that starts a job of a deployment that has schedules. After a scheduled backup the console cleans
 * up once, within half a minute: a button pressed just then is refused, and pressed again when that job has ended.
 */
export async function startJob(page: Page, button: string): Promise<void> {
  const here = page.url();
  await page.getByRole('button', { name: button }).click();
  const busy = page.getByRole('alert').filter({ hasText: /^Job \d+ is running on this deployment\./ });
  await expect(busy.or(page.locator('#job'))).toBeVisible();
  if (await busy.isVisible()) {
    await busy.getByRole('link', { name: 'Open job' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Clean-up of old backups of sales');
    await jobIsDone(page);
    await page.goto(here);
    await page.getByRole('button', { name: button }).click();
  }
  await jobIsDone(page);
}

export async function backUp(page: Page, console: Console): Promise<void> {
  await page.goto(`${console.url}/deployments/sales/backups/new`);
  await page.getByLabel('Why').fill('Before the price import');
  await page.getByRole('button', { name: 'Stop and back up now' }).click();
  await jobIsDone(page);
}

export async function restore(page: Page, console: Console): Promise<void> {
  await page.goto(`${console.url}/deployments/sales/restore`);
  await page.getByRole('button', { name: 'Look inside' }).click();
  await page.getByRole('link', { name: 'Run the checks' }).click();
  await page.getByRole('link', { name: 'Go to confirm' }).click();
  await page.getByLabel('Why are you restoring?').fill('The data was deleted');
  await page.locator('input[name=confirm]').fill('sales');
  await page.getByRole('button', { name: 'Restore sales now' }).click();
  await jobIsDone(page);
}

/** The three-tier plan, by clicks alone. */
export async function setUpPlan(page: Page, console: Console): Promise<void> {
  await page.goto(`${console.url}/deployments/sales`);
  await page.getByRole('link', { name: 'Schedules' }).first().click();
  await page.getByLabel('Time zone').fill('Europe/Berlin');
  await page.getByRole('button', { name: 'Set up all three' }).click();
  await expect(page.getByText('The plan is set up.')).toBeVisible();
}
