// A page in its four forms: light and dark, narrow and wide. A screenshot of each, and what is wrong with it.
import AxeBuilder from '@axe-core/playwright';
import { type Page, expect } from '@playwright/test';
import type { Console } from './stage.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export class Looks {
  private readonly wrong: string[] = [];
  constructor(private readonly page: Page, private readonly console: Console) {}

  /** At `path`, or where the page is. Loaded once: what differs between the four forms is CSS alone. */
  async at(name: string, path?: string): Promise<void> {
    if (path) await this.page.goto(path.startsWith('http') ? path : `${this.console.url}${path}`);
    await this.page.waitForLoadState('networkidle');
    for (const colorScheme of ['light', 'dark'] as const) {
      // Less motion: no colour is on its way to another one.
      await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const width of [390, 1440]) await this.form(name, colorScheme, width);
    }
  }

  private async form(name: string, colorScheme: string, width: number): Promise<void> {
    const say = (what: string) => this.wrong.push(`${name} ${colorScheme} ${width}: ${what}`);
    await this.page.setViewportSize({ width, height: 900 });
    await this.page.screenshot({ path: `screenshots/${name}-${colorScheme}-${width}.png`, fullPage: true });
    const sideways = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (sideways > 0) say(`scrolls sideways by ${sideways}`);
    const found = await new AxeBuilder({ page: this.page }).withTags(RULES).analyze();
    for (const v of found.violations) say(`${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`);
  }

  nothingIsWrong(): void {
    expect(this.wrong).toEqual([]);
  }
}
