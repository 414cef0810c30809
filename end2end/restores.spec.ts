import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeServer } from './support/stage.ts';
import { adopt, backUp, jobIsDone, setUp } from './support/story.ts';
import { expect, test } from './support/test.ts';

let elsewhere: string;

test.beforeEach(() => {
  elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
});
test.afterEach(() => rmSync(elsewhere, { recursive: true, force: true }));

/** What `age-keygen` prints: the identity, and the recipient it belongs to. */
function ageKey(): { identity: string; recipient: string } {
  const identity = execFileSync('age-keygen', { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return { identity, recipient: /age1[0-9a-z]+/.exec(identity)?.[0] ?? '' };
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('an encrypted backup becomes a new deployment, with its identity only', async ({ page, console_, neo4j }) => {
      const copy = `copy-${process.pid}-${javaScriptEnabled ? 'js' : 'plain'}`;
      const key = ageKey();
      const nodes = await neo4j.nodes();
      await setUp(page, console_);
      await adopt(page, console_, neo4j);
      await page.goto(`${console_.url}/targets/new?kind=directory`);
      await page.getByLabel('Name').fill('vault');
      await page.getByLabel('Directory on the console’s machine').fill(elsewhere);
      await page.getByLabel('Encrypt for these keys').fill('age1 is no key');
      await page.getByRole('button', { name: 'Try and add' }).click();
      await expect(page.locator('[name=age_recipients]')).toHaveAttribute('aria-invalid', 'true');
      await page.getByLabel('Encrypt for these keys').fill(key.recipient);
      await page.getByRole('button', { name: 'Try and add' }).click();
      await expect(page.getByText('The target is added.')).toBeVisible();

      await page.goto(`${console_.url}/deployments/sales/backups/new`);
      await page.locator('input[name="targets[]"][value=local]').uncheck();
      await page.locator('input[name="targets[]"][value=vault]').check();
      await page.getByRole('button', { name: 'Stop and back up now' }).click();
      await jobIsDone(page);
      const [bundle] = readdirSync(elsewhere);
      const parts = readdirSync(join(elsewhere, bundle), { recursive: true }) as string[];
      expect(parts.filter((part) => part.endsWith('.dump')), 'no dump lies there in plain').toEqual([]);

      try {
        await page.goto(`${console_.url}/deployments/sales/restore`);
        await page.locator('input[name=into][value=new]').check();
        await page.getByRole('button', { name: 'Look inside' }).click();
        await page.getByRole('link', { name: 'Run the checks' }).click();
        await page.getByRole('link', { name: 'Go to confirm' }).click();
        await page.getByLabel('Name of the new deployment').fill(copy);
        await page.getByLabel('Why do you make it?').fill('To look something up');
        await page.getByLabel('Identity to decrypt it').fill(ageKey().identity);
        await page.getByRole('button', { name: 'Make the new deployment' }).click();
        await expect(page.locator('[name=age_identity]'), 'another key').toHaveAttribute('aria-invalid', 'true');
        // The page is drawn anew, by an answer that must not hold a secret.
        await expect(page.locator('[name=age_identity]'), 'a secret does not come back').toHaveValue('');
        await page.getByLabel('Identity to decrypt it').fill(key.identity);
        await page.getByRole('button', { name: 'Make the new deployment' }).click();
        await jobIsDone(page);
        await page.getByRole('link', { name: 'Open new deployment' }).click();
        await expect(page.getByRole('heading', { level: 1 })).toContainText(copy);
        await expect(page.getByText(`${nodes} nodes`).or(page.getByText(String(nodes), { exact: true })).first()).toBeVisible();
        expect(await neo4j.nodes(), 'the old one ran on').toBe(nodes);
      } finally {
        removeServer(copy);
      }
    });

    test('a bare dump is uploaded, proven in a scratch server and restored', async ({ page, console_, neo4j }) => {
      const nodes = await neo4j.nodes();
      await setUp(page, console_);
      await adopt(page, console_, neo4j);
      await backUp(page, console_);
      const bundle = join(console_.data, 'backups', readdirSync(join(console_.data, 'backups'))[0]);
      const [dump] = (readdirSync(bundle, { recursive: true }) as string[]).filter((part) => part.endsWith('neo4j.dump'));
      await neo4j.cypher('MATCH (t:Thing) DETACH DELETE t');
      expect(await neo4j.nodes()).toBe(nodes / 2);

      const upload = async (buffer: Buffer) => {
        await page.goto(`${console_.url}/deployments/sales/restore`);
        await page.getByLabel('File').setInputFiles({ name: 'from-elsewhere.dump', mimeType: 'application/octet-stream', buffer });
        await page.getByRole('button', { name: 'Upload backup' }).click();
      };
      await upload(Buffer.from('no dump at all'.repeat(1000)));
      await expect(page.getByRole('heading', { level: 1 })).toContainText(/This file is not a/);
      await upload(readFileSync(join(bundle, dump)));
      await jobIsDone(page);
      await page.getByRole('link', { name: 'Open backup' }).click();
      await expect(page).toHaveURL(/\/backups\/[^/]+$/);
      await expect(page.getByText('Verified').first()).toBeVisible();
      const id = page.url().split('/').pop();
      await page.goto(`${console_.url}/deployments/sales/restore/${id}`);
      await page.getByRole('link', { name: 'Run the checks' }).click();
      await page.getByRole('link', { name: 'Go to confirm' }).click();
      await page.getByLabel('Why are you restoring?').fill('Things were deleted');
      await page.locator('input[name=confirm]').fill('sales');
      await page.getByRole('button', { name: 'Restore sales now' }).click();
      await jobIsDone(page);
      expect(await neo4j.nodes()).toBe(nodes);
    });
  });
}
