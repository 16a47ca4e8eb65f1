import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { CXX_FLAGS } from '../emit/build-files.ts';
import type { ProjectDescription } from '../emit/project.ts';
import { CompileError, FirmwareError, NoCompilerError } from '../errors.ts';

/** A project that can be run. */
export interface CompiledProject {
  readonly dir: string;
  readonly description: ProjectDescription;
  /** Program that serves the network; see `predict` and `trace`. */
  readonly executable: string;
  /** Index of the network in the program. */
  readonly network: number;
  /** Compiler that was used. */
  readonly compiler: string;
  /** True when nothing had to be compiled. */
  readonly cached: boolean;
}

/** How to compile. */
export interface CompileOptions {
  /** C++17 compiler: a program, or a command with words (`ccache g++`, `g++ -m64`). Default: the environment's `CXX`, else `g++`, else `clang++`. */
  readonly cxx?: string;
  /** More compiler flags, after the built-in ones. */
  readonly flags?: readonly string[];
  /** Folder with AMD's `ap_fixed.h` and `ap_int.h`, to compile with those instead of our own header. */
  readonly apTypes?: string;
}

/**
 * Compiles the simulation of a written project, into its `build/` folder. The program's name carries a hash of sources, flags and
 * compiler version, so that nothing is compiled twice.
 *
 * @throws NoCompilerError when there is no compiler
 * @throws CompileError with the compiler's output when it fails
 * @throws FirmwareError when `dir` is not a project
 */
export async function compile(dir: string, options: CompileOptions = {}): Promise<CompiledProject> {
  const description = await readProject(dir);
  const built = await compileProgram(dir, `${description.name}_bridge`, options);
  return { dir: resolve(dir), description, network: 0, ...built };
}

/** Reads `project.json`. @throws FirmwareError when there is none or it is of another format */
export async function readProject(dir: string): Promise<ProjectDescription> {
  const path = join(resolve(dir), 'project.json');
  let description: ProjectDescription;
  try {
    description = JSON.parse(await readFile(path, 'utf8')) as ProjectDescription;
  } catch (cause) {
    throw new FirmwareError(`"${path}" cannot be read; write(emit(plan), dir) makes a project`, { cause });
  }
  if (description.format !== 'sp-hls-project' || description.version !== 1) {
    throw new FirmwareError(`"${path}" is not a version 1 project description; emit the project again`);
  }
  return description;
}

/** Compiles `<program>.cpp` of a folder, with the kernels in its `firmware/`. */
export async function compileProgram(
  dir: string,
  program: string,
  options: CompileOptions = {},
): Promise<Pick<CompiledProject, 'executable' | 'compiler' | 'cached'>> {
  const folder = resolve(dir);
  const { command, words, version } = await findCompiler(options.cxx);
  const ap = options.apTypes === undefined ? [] : ['-DSP_USE_AP_TYPES', `-I${resolve(options.apTypes)}`];
  const [compiler, ...given] = words;
  const flags = [...given, ...CXX_FLAGS, ...ap, ...(options.flags ?? [])];
  const hash = await contentHash(folder, [version, ...flags]);
  const build = join(folder, 'build');
  const executable = join(build, `${program}-${hash}`);
  const exists = await access(executable).then(
    () => true,
    () => false,
  );
  if (exists) return { executable, compiler: command, cached: true };

  await mkdir(build, { recursive: true });
  const temporary = `${executable}.${process.pid}.part`;
  const args = [...flags, '-Ifirmware/sp', '-Ifirmware', `${program}.cpp`, '-o', temporary];
  const { code, output } = await run(spawn(compiler, args, { cwd: folder }));
  if (code !== 0) {
    await rm(temporary, { force: true });
    throw new CompileError(`${command} failed on ${join(folder, `${program}.cpp`)}:\n${output.slice(0, 4000)}`, output);
  }
  await rename(temporary, executable);
  return { executable, compiler: command, cached: false };
}

/**
 * The C++ compiler to use: the command as given, the program to start with the words before all other arguments, its version line.
 *
 * @param cxx command to try alone; default the environment's `CXX`, else `g++`, else `clang++`
 * @throws NoCompilerError naming what was tried
 */
export async function findCompiler(
  cxx?: string,
): Promise<{ command: string; words: readonly string[]; version: string }> {
  const environment = process.env['CXX'];
  const candidates = cxx !== undefined ? [cxx] : environment ? [environment] : ['g++', 'clang++'];
  for (const command of candidates) {
    for (const words of readings(command)) {
      const [program, ...given] = words;
      // It is started in other folders too.
      if (program.includes('/')) words[0] = resolve(program);
      try {
        const { code, output } = await run(spawn(words[0], [...given, '--version']));
        if (code === 0) return { command, words, version: output.split('\n')[0] };
      } catch {
        // Not there: try the next one.
      }
    }
  }
  const from = cxx !== undefined ? ' (option cxx)' : environment ? ' (environment variable CXX)' : '';
  throw new NoCompilerError(
    `no C++ compiler: tried ${candidates.join(', ')}${from}. Install g++ or clang++, or set CXX to a C++17 compiler; only simulating the firmware needs one`,
  );
}

/** A program, whatever blanks its path has; or else words, as a shell would split them. */
function readings(command: string): string[][] {
  const words = command.split(/\s+/).filter((word) => word !== '');
  return words.length > 1 ? [[command], words] : [words.length === 1 ? words : [command]];
}

async function run(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = '';
  child.stdout?.on('data', (data) => {
    output += data;
  });
  child.stderr?.on('data', (data) => {
    output += data;
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, output }));
  });
}

async function contentHash(folder: string, more: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const text of more) hash.update(`${text}\0`);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.(h|cpp)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !relative(folder, path).startsWith('build'))
    .sort();
  for (const file of files) {
    hash.update(`${relative(folder, file)}\0`);
    hash.update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}
