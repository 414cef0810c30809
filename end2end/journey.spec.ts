import { ADMIN, adopt, backUp, jobIsDone, restore, setUp, signIn } from './support/story.ts';
import { expect, test } from './support/test.ts';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('set up, adopt, back up, lose the data, get it back, take that back', async ({ page, console_, neo4j }) => {
      await page.goto(console_.setupLink);
      await page.getByLabel('Name').fill(ADMIN.name);
      await page.getByLabel('Password').fill('password1234');
      await page.getByRole('button', { name: 'Create account' }).click();
      await expect(page.getByText('on a list of common passwords').first()).toBeVisible();
      await expect(page.getByLabel('Name')).toHaveValue(ADMIN.name);
      await setUp(page, console_);
      await page.goto(console_.setupLink);
      await expect(page.getByLabel('Password')).toHaveCount(0);

      await page.goto(`${console_.url}/deployments/adopt?container=${neo4j.name}`);
      await page.getByLabel('Name in this console').fill('my-sales');
      await page.getByLabel('Password of this Neo4j user').fill('not the password');
      await page.getByRole('button', { name: 'Adopt' }).click();
      await expect(page.getByText('Neo4j refused this user and password').first()).toBeVisible();
      await expect(page.getByLabel('Name in this console')).toHaveValue('my-sales');
      await adopt(page, console_, neo4j);
      await expect(page.getByText('There is no verified backup').first()).toBeVisible();

      const before = await neo4j.nodes();
      await backUp(page, console_);
      expect(await neo4j.nodes()).toBe(before);
      await page.goto(`${console_.url}/deployments/sales/backups`);
      await expect(page.getByText('Verified').first()).toBeVisible();

      await neo4j.cypher('MATCH (n) DETACH DELETE n');
      expect(await neo4j.nodes()).toBe(0);
      await restore(page, console_);
      expect(await neo4j.nodes()).toBe(before);

      await page.getByRole('link', { name: 'Undo restore…' }).first().click();
      await page.getByLabel('Why are you undoing it?').fill('It was a trial');
      await page.locator('input[name=confirm]').fill('sales');
      await page.getByRole('button', { name: 'Undo restore' }).click();
      await jobIsDone(page);
      expect(await neo4j.nodes()).toBe(0);

      await page.goto(`${console_.url}/audit`);
      for (const act of ['set up console', 'adopt deployment', 'start backup', 'start restore', 'undo restore']) {
        await expect(page.getByText(act).first()).toBeVisible();
      }
    });

    test('members are added, changed and shut out; a viewer changes nothing', async ({ page, browser, console_ }) => {
      await setUp(page, console_);
      await page.goto(`${console_.url}/members/new`);
      await page.getByLabel('Name').fill('O’Brien "<script>" 🚀');
      await page.getByLabel('First password').fill('short');
      await page.getByRole('button', { name: 'Add member' }).click();
      await expect(page.getByText('at least 12 characters').first()).toBeVisible();
      await expect(page.getByLabel('Name')).toHaveValue('O’Brien "<script>" 🚀');
      await page.getByLabel('First password').fill('nine purple herons');
      await page.getByRole('button', { name: 'Add member' }).click();
      await expect(page.getByText('O’Brien "<script>" 🚀').first()).toBeVisible();

      const other = await browser.newContext({ javaScriptEnabled });
      const theirs = await other.newPage();
      await signIn(theirs, console_, 'O’Brien "<script>" 🚀', 'nine purple herons');
      await theirs.goto(`${console_.url}/members`);
      await expect(theirs.getByRole('heading', { level: 1 })).toContainText('You may not');
      await theirs.goto(`${console_.url}/no-such-page`);
      await expect(theirs.getByRole('heading', { level: 1 })).toContainText(/no page|not|There is/i);
      await other.close();
    });

    test('a wrong password is told without saying whether the name exists', async ({ page, console_ }) => {
      await setUp(page, console_);
      await page.goto(`${console_.url}/account`);
      await page.getByRole('button', { name: 'Sign out' }).first().click({ force: !javaScriptEnabled }).catch(async () => {
        await page.locator('summary.who-am-i').click();
        await page.getByRole('button', { name: 'Sign out' }).first().click();
      });
      for (const name of [ADMIN.name, 'nobody']) {
        await page.goto(`${console_.url}/login`);
        await page.getByLabel('Name').fill(name);
        await page.getByLabel('Password').fill('wrong wrong wrong');
        await page.getByRole('button', { name: 'Sign in' }).click();
        await expect(page.getByText('The name or the password is wrong').first()).toBeVisible();
      }
    });
  });
}
