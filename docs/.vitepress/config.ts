import { defineConfig } from 'vitepress';

const packages = ['quant', 'layers', 'train', 'hls', 'viz'];

const guides = [
  { text: 'Your own data', link: '/guides/your-data' },
  { text: 'Tune β', link: '/guides/tune-beta' },
  { text: 'Train fast', link: '/guides/train-fast' },
  { text: 'Import from Keras', link: '/guides/import-from-keras' },
  { text: 'Choose factors', link: '/guides/choose-factors' },
  { text: 'Open in Vitis', link: '/guides/open-in-vitis' },
  { text: 'io_stream', link: '/guides/io-stream' },
];

const sidebar = [
  {
    text: 'Start',
    items: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Concepts', link: '/concepts' },
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
    text: 'Project',
    items: [
      { text: 'How the numbers are verified', link: '/verification' },
      { text: 'Accuracy, EBOPs and n', link: '/pareto' },
      { text: 'Comparison with peers', link: '/comparison' },
      { text: 'Contributing', link: '/contributing' },
    ],
  },
];

export default defineConfig({
  title: '@sp',
  description: 'Sparse, quantised CNNs on FPGAs, in TypeScript',
  cleanUrls: false,
  srcExclude: ['node_modules/**'],
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
