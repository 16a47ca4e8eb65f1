import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defineConfig, type MarkdownOptions } from 'vitepress';

const packages = ['quant', 'layers', 'train', 'hls', 'rtl', 'search', 'viz'];
const references = ['sparsepixels', 'hgq2', 'hgq1', 'hls4ml', 'hardware', 'rtl'];

const guides = [
  { text: 'Your own data', link: '/guides/your-data' },
  { text: 'Tune β', link: '/guides/tune-beta' },
  { text: 'Learn the threshold', link: '/guides/learn-the-threshold' },
  { text: 'Train fast', link: '/guides/train-fast' },
  { text: 'In the browser', link: '/guides/in-the-browser' },
  { text: 'Prune', link: '/guides/pruning' },
  { text: 'Search networks', link: '/guides/search' },
  { text: 'Import from Keras', link: '/guides/import-from-keras' },
  { text: 'From sparsepixels', link: '/guides/from-sparsepixels' },
  { text: 'Coming from QKeras / HGQ', link: '/guides/from-qkeras-and-hgq' },
  { text: 'From HGQ2 to firmware', link: '/guides/from-hgq2' },
  { text: 'Choose factors', link: '/guides/choose-factors' },
  { text: 'Open in Vitis', link: '/guides/open-in-vitis' },
  { text: 'Verify the RTL', link: '/guides/verify-the-rtl' },
  { text: 'What hardware costs', link: '/guides/what-hardware-costs' },
  { text: 'io_stream', link: '/guides/io-stream' },
  { text: 'Plug it in', link: '/guides/plug-in' },
  { text: 'An op of your own', link: '/guides/own-op' },
];

const sidebar = [
  {
    text: 'Start',
    items: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'From data to the board', link: '/tutorial' },
      { text: 'Concepts', link: '/concepts' },
      { text: 'Which program does what', link: '/commands' },
      { text: 'Questions', link: '/faq' },
      { text: 'Glossary', link: '/glossary' },
      { text: 'Gallery', link: '/gallery' },
    ],
  },
  { text: 'Guides', items: guides },
  {
    text: 'Reference',
    items: [
      { text: 'The fixed graph', link: '/fixed-graph' },
      { text: 'Reasons behind contracts', link: '/contracts' },
      ...packages.map((name) => ({ text: `@sp/${name}`, link: `/api/${name}/` })),
    ],
  },
  {
    text: 'References',
    collapsed: true,
    items: [
      { text: 'What they are', link: '/references/' },
      ...references.map((name) => ({ text: name, link: `/references/${name}` })),
    ],
  },
  {
    text: 'Project',
    items: [
      { text: 'How the numbers are verified', link: '/verification' },
      { text: 'Accuracy, EBOPs and n', link: '/pareto' },
      { text: 'Comparison with peers', link: '/comparison' },
      { text: 'Contributing', link: '/contributing' },
      { text: 'Where is …?', link: '/where-is' },
      { text: 'Adding an op', link: '/adding-an-op' },
    ],
  },
];

type Configure = NonNullable<MarkdownOptions['config']>;

/** Figures that are drawn in both themes are shown in the reader's. */
const themedImages: Configure = ({ renderer }) => {
  const image = renderer.rules.image;
  if (image === undefined) throw new Error('VitePress renders no images');
  renderer.rules.image = (tokens, index, ...rest) => {
    const [token] = tokens.slice(index);
    const light = token?.attrGet('src') ?? '';
    const dark = light.replace(/\.\w+$/, '-dark$&');
    if (token === undefined || !existsSync(join(import.meta.dirname, '../images', basename(dark)))) {
      return image(tokens, index, ...rest);
    }
    return [
      [light, 'only-light'],
      [dark, 'only-dark'],
    ]
      .map(([source, shown]) => {
        token.attrSet('src', source as string);
        token.attrSet('class', shown as string);
        return image(tokens, index, ...rest);
      })
      .join('');
  };
};

/** Links to code lead out of the site: there only their text stays. */
const repositoryLinks: Configure = ({ core }) => {
  core.ruler.push('repository-links', ({ tokens }) => {
    for (const token of tokens) {
      let leaving = false;
      const kept = token.children?.filter((child) => {
        const starts =
          child.type === 'link_open' && /^(\.\.\/)+(packages|apps|test)\//.test(child.attrGet('href') ?? '');
        const ends = child.type === 'link_close' && leaving;
        leaving = starts || (leaving && !ends);
        return !starts && !ends;
      });
      if (kept !== undefined) token.children = kept;
    }
  });
};

const styles = '.dark .only-light, html:not(.dark) .only-dark { display: none; }';

export default defineConfig({
  title: '@sp',
  description: 'Sparse, quantised CNNs on FPGAs, in TypeScript',
  cleanUrls: false,
  srcExclude: ['node_modules/**'],
  // Without an icon of its own a page asks for /favicon.ico.
  head: [
    ['link', { rel: 'icon', href: 'data:,' }],
    ['style', {}, styles],
  ],
  markdown: {
    async config(md) {
      await themedImages(md);
      await repositoryLinks(md);
    },
  },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/getting-started' },
      { text: 'Guides', link: '/guides/your-data' },
      { text: 'API', link: '/api/quant/' },
      { text: 'Gallery', link: '/gallery' },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
  },
});
