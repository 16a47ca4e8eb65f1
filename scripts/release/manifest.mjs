// What a published package.json says beyond the one in the repository.

/**
 * The manifest with the addresses that follow from the repository's.
 *
 * @param manifest package.json of a package
 * @param repository `https://HOST/OWNER/NAME`; empty: the manifest as it is
 * @param directory where the package lies in the repository
 */
export function withAddresses(manifest, repository, directory) {
  if (repository === '') return manifest;
  return {
    ...manifest,
    homepage: `${repository}/tree/main/${directory}#readme`,
    bugs: `${repository}/issues`,
    repository: { type: 'git', url: `git+${repository}.git`, directory },
  };
}

/** Why this can't be the repository's address, in words; nothing where it can. */
export function addressTrouble(repository) {
  if (repository === '')
    return 'the address of the repository is not decided: write it to config.repository of the root package.json';
  if (!/^https:\/\/[^/\s]+\/[^/\s]+\/[^/\s]+$/.test(repository) || repository.endsWith('.git'))
    return `config.repository is '${repository}', where https://HOST/OWNER/NAME is meant`;
  return undefined;
}

/** What is wrong with the files of a tarball, in words. */
export function tarballTroubles(files, manifest) {
  const wanted = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist/index.js', 'dist/index.d.ts'];
  return [
    ...wanted.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => /\.test\.|^test\/|\.map$/.test(file)).map((file) => `${file} does not belong there`),
    ...(JSON.stringify(manifest).includes('workspace:') ? ['package.json has a range of the workspace'] : []),
  ];
}
